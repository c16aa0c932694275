#!/bin/sh
# The course of Healthbot's Kafka guide with hbcat in place of Healthbot, on any Kafka and any web server:
#   BROKER=host:9092 HOOK=http://127.0.0.1:8080 healthbot-guide.sh
# HOOK stands for a webhook (/hook), Slack (/slack) and Teams (/teams). HBCAT names the program.
set -eu
hbcat=${HBCAT:-hbcat}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step() { printf '\n# %s\n' "$1"; }

step 'The broker is empty'
"$hbcat" -b "$BROKER" list

step 'The topic test, consumed to its end'
echo 'Hello from Kafka' | "$hbcat" -b "$BROKER" -t test produce
"$hbcat" -b "$BROKER" -t test -q consume -e

step 'A notification without a topic, for major and normal'
cat >"$work/egest.json" <<JSON
{"notification": [
  {"notification-name": "kafka", "kafka-publish": {"bootstrap-servers": ["$BROKER"]}},
  {"notification-name": "web", "http-post": {"url": "$HOOK/hook"},
   "slack": {"url": "$HOOK/slack", "channel": "#noc"}, "microsoft-teams": {"channel": "$HOOK/teams"}}],
 "device-group": [
  {"device-group-name": "ptp", "devices": ["mx960-1"],
   "notification": {"enable": [null], "major": ["kafka", "web"], "normal": ["kafka", "web"]}}]}
JSON
"$hbcat" notify --config "$work/egest.json" --check-config -q

alarm() {
  "$hbcat" notify --config "$work/egest.json" --state "$work/state" --spool "$work/spool" -q \
    --group ptp --device mx960-1 --topic protocol.ptp --rule ptp-lock-status \
    --trigger ptp-lock-status --key _playbook_name=ptp-playbook --key '_instance_id=["ptp-test"]' \
    --severity "$1" --message "$2"
}

step 'The lock is there from the beginning: no news'
alarm normal 'Slave Clock is Phase Aligned with the Master Clock'

step 'The major alarm, and what the automatic topic has'
alarm major 'Slave Clock is not Phase Aligned with the Master Clock - 2'
"$hbcat" -b "$BROKER" -t ptp.mx960-1.protocol.ptp.ptp-lock-status.ptp-lock-status -q consume -e

step 'The clear'
alarm normal 'Slave Clock is Phase Aligned with the Master Clock'
"$hbcat" -b "$BROKER" -t ptp.mx960-1.protocol.ptp.ptp-lock-status.ptp-lock-status -q consume -o -1 -e
