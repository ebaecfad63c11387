# shellcheck shell=bash disable=SC2154
# check_starttls; a part of tests/bench/run. The peers look at one address and one certificate: so does --quick.

starttls_folder=$work/certificates
[ -x "$build/tests/make_certificates" ] || make -s -C "$build" tests/make_certificates >/dev/null
[ -x "$build/tests/fake_smtp/fake_smtp" ] || make -s -C "$build" tests/fake_smtp/fake_smtp >/dev/null
"$build/tests/make_certificates" "$starttls_folder"
printf 'tls-versions 1.2-1.3\ncertificate good rsa\n' >"$work/starttls.smtp"
"$build/tests/fake_smtp/fake_smtp" --script "$work/starttls.smtp" --certificates "$starttls_folder" \
    --port-file "$work/starttls.port" &
servers+=($!)
until [ -s "$work/starttls.port" ]; do sleep 0.01; done
starttls_port=$(cat "$work/starttls.port")
starttls_here=(-H 127.0.0.1 -p "$starttls_port" --name mail.test --ca-path "$starttls_folder/authority" --ehlo bench.test)
starttls_peers=()

if [ -x /usr/lib/nagios/plugins/check_smtp ]; then
    starttls_peers+=(--vs "check_smtp -S -D" /usr/lib/nagios/plugins/check_smtp -H 127.0.0.1 -p "$starttls_port" -S -D '14,3')
else
    echo "    (check_smtp is not installed: no figure beside it)"
fi
if has posttls-finger; then
    starttls_peers+=(--vs posttls-finger posttls-finger -c -l verify -P "$starttls_folder/authority" "[127.0.0.1]:$starttls_port")
fi
if has check_ssl_cert; then
    starttls_peers+=(--vs check_ssl_cert check_ssl_cert -H 127.0.0.1 -p "$starttls_port" -P smtp -n mail.test
        -r "$starttls_folder/authority.pem")
fi
if has openssl; then
    starttls_peers+=(--vs "openssl s_client" sh -c "echo QUIT | openssl s_client -starttls smtp -verify_return_error \
        -CApath '$starttls_folder/authority' -connect '127.0.0.1:$starttls_port'")
fi
heading "check_starttls: one address, one connection (--quick)"
"$work/measure" 15 "check_starttls --quick" -- "$build/check_starttls" "${starttls_here[@]}" --quick "${starttls_peers[@]}"
if [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    cat /etc/ssl/certs/ca-certificates.crt "$starttls_folder/authority.pem" >"$work/authorities.pem"
    heading "check_starttls --quick: $(grep -c BEGIN "$work/authorities.pem") authorities in one file, beside a hashed folder"
    "$work/measure" 15 "check_starttls --ca-path" -- "$build/check_starttls" "${starttls_here[@]}" --quick \
        --vs "check_starttls --ca-file" "$build/check_starttls" -H 127.0.0.1 -p "$starttls_port" --name mail.test \
        --ehlo bench.test --quick --ca-file "$work/authorities.pem"
fi
heading "check_starttls: the whole check of one address: five connections, two certificates"
"$work/measure" 15 check_starttls -- "$build/check_starttls" "${starttls_here[@]}"
