#!/bin/sh
# Bring the jars of a Kafka broker to kafka/target/jars (`make kafka`). Quiet; does nothing when they are there for
# the version that kafka/pom.xml names.
set -eu
cd "$(dirname "$0")/../kafka"
stamp=target/jars/.pom.cksum
wanted=$(cksum < pom.xml)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi
command -v mvn > /dev/null || { echo "kafka-jars: Maven is missing (Debian: apt-get install maven)" >&2; exit 1; }
rm -rf target/jars
mvn -q -B -f pom.xml dependency:copy-dependencies
echo "$wanted" > "$stamp"
