# bash completion for hbcat. Made by 'hbcat reference bash'; do not edit.

_hbcat() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev= command= word skip= index
  local with_value=' -G -M -b --bootstrap-server -t --topic --to -p --partition --rules --variable --name --ingest --group --engine-state --device --rule --trigger --severity --message --key --listen --port --advertise --id --brokers --max-message-bytes --fault --config --from --state --repeat-interval --spool --template --group-wait --in-flight --web-ca -D --delimiter -K --key-delimiter -c --max-messages --null-marker -z --compression -k -H --header --transaction-every -o --offset -f --format -s --unpack -r --schema-registry --share-group --ack --exit-idle --kafka-topic --since --timeout --for --author --comment --silence-topic --within -m --metadata-timeout -F -X --property --user --password-file -d --debug '
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=${COMP_WORDS[index]}
    if [[ -n $skip ]]; then
      [[ $word == '=' ]] || skip=
      continue
    fi
    case $word in
      --) [[ -n $command ]] || command=kcat ;;
      -C* | -P* | -L* | -G* | -Q* | -M*) [[ -n $command ]] || command=kcat ;;&
      -*) [[ $with_value == *" $word "* ]] && skip=1 ;;
      *) [[ -n $command ]] || command=$word ;;
    esac
  done
  if [[ $cur == '=' ]]; then
    cur=
    prev=${COMP_WORDS[COMP_CWORD-1]}
  elif [[ -n $skip ]]; then
    prev=${COMP_WORDS[COMP_CWORD-1]}
    [[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $prev in
    '') ;;
    -b | --bootstrap-server) COMPREPLY=($(compgen -A hostname -- "$cur")); return ;;
    --rules) _hbcat_files "$cur"; return ;;
    --ingest) _hbcat_files "$cur"; return ;;
    --severity) COMPREPLY=($(compgen -W 'major minor normal' -- "$cur")); return ;;
    --listen) COMPREPLY=($(compgen -A hostname -- "$cur")); return ;;
    --advertise) COMPREPLY=($(compgen -A hostname -- "$cur")); return ;;
    --config) _hbcat_files "$cur"; return ;;
    --from) COMPREPLY=($(compgen -W 'json words alertmanager' -- "$cur")); return ;;
    --state) _hbcat_files "$cur"; return ;;
    --web-ca) _hbcat_files "$cur"; return ;;
    -z | --compression) COMPREPLY=($(compgen -W 'none gzip snappy lz4 zstd' -- "$cur")); return ;;
    -o | --offset) COMPREPLY=($(compgen -W 'beginning end stored' -- "$cur")); return ;;
    --ack) COMPREPLY=($(compgen -W 'accept release reject' -- "$cur")); return ;;
    -F) _hbcat_files "$cur"; return ;;
    --password-file) _hbcat_files "$cur"; return ;;
    -d | --debug) COMPREPLY=($(compgen -W 'all generic broker topic metadata feature queue msg protocol cgrp security fetch interceptor plugin consumer admin eos mock assignor conf' -- "$cur")); return ;;
    *) return ;;
  esac
  case $command in
    '')
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-C -P -L -G -Q -M -b -t -p -D -K -c -Z -u -J -z -k -H -l -T -o -e -f -s -r -O -m -F -X -d -E -q -v -V -h --help --version' -- "$cur"))
      else
        COMPREPLY=($(compgen -W 'list ping produce consume query notify ingest alarms broker demo help version' -- "$cur"))
      fi
      ;;
    kcat)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-C -P -L -G -Q -M -b -t -p -D -K -c -Z -u -J -z -k -H -l -T -o -e -f -s -r -O -m -F -X -d -E -q -v -V -h' -- "$cur"))
      else
        _hbcat_files "$cur"
      fi
      ;;
    list)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-b --bootstrap-server -t --topic --offsets --configs --all-configs -u --unbuffered -J --json --strict-secrets -m --timeout -F --config -X --property --user --password-file -d --debug -E --keep-going -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      fi
      ;;
    ping)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-b --bootstrap-server -J --json --strict-secrets -m --timeout -F --config -X --property --user --password-file -d --debug -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      fi
      ;;
    produce)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-b --bootstrap-server -t --topic -p --partition -D --delimiter -K --key-delimiter -c --max-messages -Z --null -u --unbuffered --null-marker -z --compression -k --key -H --header -l --lines -T --tee --transaction-every --strict-secrets -m --timeout -F --config -X --property --user --password-file -d --debug -E --keep-going -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      else
        _hbcat_files "$cur"
      fi
      ;;
    consume)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-b --bootstrap-server -t --topic -p --partition -D --delimiter -K --key-delimiter -c --max-messages -Z --null -u --unbuffered -J --json --null-marker --group -o --offset --from-beginning -e --exit-at-end -f --format -s --unpack -r --schema-registry -O --show-offset --share-group --ack --exit-idle --strict-secrets -m --timeout -F --config -X --property --user --password-file -d --debug -E --keep-going -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      fi
      ;;
    query)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-b --bootstrap-server -t --topic -u --unbuffered -J --json --strict-secrets -m --timeout -F --config -X --property --user --password-file -d --debug -E --keep-going -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      fi
      ;;
    notify | healthbot-notify)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-b --bootstrap-server -t --to --group --device --topic --rule --trigger --severity --message --key --sanitize --config --check-config --dry-run --from --strict --state --transitions --repeat-interval --spool --create-topics --template --group-wait --in-flight --web-ca --allow-http -z --compression -H --header --silence-topic --strict-secrets -m --timeout -F -X --property --user --password-file -d --debug -E --keep-going -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      fi
      ;;
    ingest)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-b --bootstrap-server --rules --variable --name --ingest -t --topic --group --to --engine-state --list-rules -J --json --strict --sanitize --config --state --transitions --repeat-interval --spool --create-topics --template --group-wait --in-flight --web-ca --allow-http -e --exit-at-end --silence-topic --strict-secrets -m --timeout -F -X --property --user --password-file -d --debug -E --keep-going -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      fi
      ;;
    alarms)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-b --bootstrap-server -t --kafka-topic --group --device --topic --rule --trigger --severity --message --key -e --once --since --all -J --json --silenced --check --until-clear --timeout --for --author --comment --silence-topic --within -m --metadata-timeout --strict-secrets -F -X --property --user --password-file -d --debug -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      else
        COMPREPLY=($(compgen -W 'silence heartbeat' -- "$cur"))
      fi
      ;;
    broker)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--listen --port --advertise --id --brokers --max-message-bytes --topic --until-stdin-ends --no-auto-create --fault -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      else
        COMPREPLY=($(compgen -W 'run' -- "$cur"))
      fi
      ;;
    demo)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--id --topic -q --quiet -v --verbose -V --version -h --help' -- "$cur"))
      fi
      ;;
    help)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-V --version -h --help' -- "$cur"))
      else
        COMPREPLY=($(compgen -W 'list ping produce consume query notify ingest alarms broker demo help version' -- "$cur"))
      fi
      ;;
    version)
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '-V --version -h --help' -- "$cur"))
      fi
      ;;
  esac
}

_hbcat_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}

complete -F _hbcat hbcat
