#!/bin/sh
# Unpacks Debian packages below root/, without installing them: fetch.sh PACKAGE...
set -eu
# Without lists of packages, or with old ones, the lists are fetched first; only root can.
apt-get download -q "$@" >fetch.log 2>&1 ||
  { apt-get update -q && apt-get download -q "$@"; } >fetch.log 2>&1 || { cat fetch.log >&2; exit 1; }
mkdir -p root tmp
for package in *.deb; do dpkg -x "$package" root; done
