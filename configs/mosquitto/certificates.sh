#!/bin/sh
# Chứng thư cho broker và từng cụm loa. Certificates for the broker and for each cluster; see README.md.
# Usage: certificates.sh authority | broker HOST [HOST...] | client NAME | revoke NAME
# Everything is made in ./certificates (or $CERTIFICATES). Keep ca.key off the broker.
set -eu
umask 077

folder=${CERTIFICATES:-certificates}

usage() {
    sed -n '3p' "$0" | cut -c3- >&2
    exit 2
}

# One small authority in one folder: what openssl calls a CA needs a list of what it issued, to revoke from.
settings() {
    cat > "$folder/openssl.cnf" <<EOF
[ca]
default_ca = loa
[loa]
dir = $folder
database = $folder/issued
new_certs_dir = $folder
serial = $folder/serial
certificate = $folder/ca.pem
private_key = $folder/ca.key
default_md = sha256
default_crl_days = 3650
policy = only_a_name
unique_subject = no
[only_a_name]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[broker]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${1:-DNS:none}
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
EOF
}

new_key() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

issue() { # NAME SECTION DAYS
    new_key "$folder/$1.key"
    openssl req -new -key "$folder/$1.key" -subj "/CN=$1" -out "$folder/$1.csr"
    openssl ca -batch -notext -config "$folder/openssl.cnf" -extensions "$2" -days "$3" \
        -in "$folder/$1.csr" -out "$folder/$1.pem"
    rm "$folder/$1.csr"
}

revocations() {
    openssl ca -config "$folder/openssl.cnf" -gencrl -out "$folder/revoked.pem"
}

is_name() {
    case $1 in
    '' | *[!a-z0-9-]* | broker | ca | revoked)
        echo "not a name for a certificate: '$1' (small letters, digits and -)" >&2
        exit 2
        ;;
    esac
}

case ${1:-} in
authority)
    [ ! -e "$folder/ca.key" ] || { echo "$folder/ca.key exists; a new authority would lock every cluster out" >&2; exit 1; }
    mkdir -p "$folder"
    : > "$folder/issued"
    openssl rand -hex 16 > "$folder/serial"
    settings
    new_key "$folder/ca.key"
    openssl req -x509 -new -key "$folder/ca.key" -sha256 -days 7300 -subj "/CN=Loa Phuong" \
        -config "$folder/openssl.cnf" -extensions authority -out "$folder/ca.pem"
    revocations
    ;;
broker)
    shift
    [ $# -gt 0 ] || usage
    names=
    for host; do
        case $host in
        *[!0-9.]*) names="$names,DNS:$host" ;;
        *) names="$names,IP:$host" ;;
        esac
    done
    settings "${names#,}"
    issue broker broker 1095
    ;;
client)
    is_name "${2:-}"
    settings
    issue "$2" client 1825
    ;;
revoke)
    is_name "${2:-}"
    settings
    openssl ca -config "$folder/openssl.cnf" -revoke "$folder/$2.pem"
    revocations
    ;;
*)
    usage
    ;;
esac
