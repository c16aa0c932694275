#ifndef HBCAT_OPENSSL_H
#define HBCAT_OPENSSL_H
// OpenSSL's functions by pointers that are filled at first use; their types come from OpenSSL's own headers.
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#define SSL_SYMBOLS(X) \
  X(TLS_client_method) X(TLS_server_method) X(SSL_CTX_new) X(SSL_CTX_free) X(SSL_CTX_ctrl) \
  X(SSL_CTX_set_options) X(SSL_CTX_set_default_verify_paths) X(SSL_CTX_load_verify_locations) \
  X(SSL_CTX_get_cert_store) X(SSL_CTX_get0_param) X(SSL_CTX_use_certificate) X(SSL_CTX_use_PrivateKey) \
  X(SSL_CTX_check_private_key) X(SSL_CTX_set_verify) X(SSL_CTX_set_cipher_list) X(SSL_CTX_set_ciphersuites) \
  X(SSL_CTX_sess_set_new_cb) X(SSL_CTX_set_session_id_context) X(SSL_new) X(SSL_free) X(SSL_ctrl) X(SSL_set_bio) \
  X(SSL_set_connect_state) X(SSL_set_accept_state) X(SSL_get0_param) X(SSL_do_handshake) X(SSL_read_ex) \
  X(SSL_write_ex) X(SSL_shutdown) X(SSL_set_shutdown) X(SSL_get_error) X(SSL_get_version) X(SSL_get_current_cipher) \
  X(SSL_CIPHER_get_name) X(SSL_get1_peer_certificate) X(SSL_set_ex_data) X(SSL_get_ex_data) \
  X(SSL_get_ex_data_X509_STORE_CTX_idx) X(SSL_set_session) X(SSL_session_reused) X(SSL_SESSION_free)

#define CRYPTO_SYMBOLS(X) \
  X(OpenSSL_version_num) X(ERR_get_error) X(ERR_peek_error) X(ERR_peek_last_error) X(ERR_error_string_n) X(ERR_reason_error_string) \
  X(ERR_clear_error) X(BIO_new) X(BIO_s_mem) X(BIO_new_mem_buf) X(BIO_free) X(BIO_read) X(BIO_write) X(BIO_ctrl) \
  X(BIO_ctrl_pending) X(PEM_read_bio_X509) X(PEM_read_bio_X509_CRL) X(PEM_read_bio_PrivateKey) X(X509_free) \
  X(X509_up_ref) X(X509_CRL_free) X(X509_STORE_add_cert) X(X509_STORE_add_crl) X(X509_get_subject_name) \
  X(X509_get_issuer_name) X(X509_NAME_print_ex) X(X509_get0_notBefore) X(X509_get0_notAfter) X(X509_get_ext_d2i) \
  X(GENERAL_NAMES_free) X(ASN1_TIME_to_tm) X(ASN1_STRING_get0_data) X(ASN1_STRING_length) \
  X(X509_verify_cert_error_string) X(X509_STORE_CTX_get_ex_data) X(X509_STORE_CTX_get_error) \
  X(X509_STORE_CTX_get_error_depth) X(X509_STORE_CTX_get_current_cert) X(X509_VERIFY_PARAM_set1_host) \
  X(X509_VERIFY_PARAM_set1_ip_asc) X(X509_VERIFY_PARAM_set_hostflags) X(X509_VERIFY_PARAM_set_flags) \
  X(EVP_PKEY_free) X(d2i_PKCS12_bio) X(PKCS12_parse) X(PKCS12_free) X(OPENSSL_sk_num) X(OPENSSL_sk_value) \
  X(OPENSSL_sk_pop_free) X(EVP_sha256) X(EVP_sha512) X(EVP_Digest) X(HMAC) X(PKCS5_PBKDF2_HMAC) X(RAND_bytes) \
  X(CRYPTO_memcmp)

#define CTLS_DECLARE(name) __typeof__(&name) name;
struct ctls_api { SSL_SYMBOLS(CTLS_DECLARE) CRYPTO_SYMBOLS(CTLS_DECLARE) };
#undef CTLS_DECLARE
extern struct ctls_api ctls_api __attribute__((visibility("hidden")));

/// Calls a function of OpenSSL.
#define OSSL(name) (*ctls_api.name)
#endif
