#!/bin/sh
# Makes an authority and one certificate for scheduler, workers and runners: deploy/certificates.sh FOLDER
# Whoever has the certificate and its key may run code on the workers. Keep them as you keep a password.
set -eu
umask 077
mkdir -p "$1"
cd "$1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj "/CN=Assay authority" -keyout ca-key.pem -out ca.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=assay" -keyout key.pem -out request.pem
openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -out certificate.pem
rm request.pem
