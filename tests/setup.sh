#!/usr/bin/env bash
# Installs what the tests drive from outside: Chromium (Debian) and grpcurl (Go). Does nothing when they are there.
set -euo pipefail
cd "$(dirname "$0")/.."

install_debian() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "tests need $1: install it (Debian: apt-get install $1), then run make test again" >&2
        exit 1
    fi
    echo "installing $1 ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

command -v chromium >/dev/null || install_debian chromium fonts-noto-cjk
command -v go >/dev/null || install_debian golang-go
if ! command -v grpcurl >/dev/null; then
    echo "installing grpcurl ..."
    GOBIN="$PWD/.tools/bin" GOFLAGS=-mod=mod go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.8.7  # Builds with Debian 12's own Go, 1.19.
fi
