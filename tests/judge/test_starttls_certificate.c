/* From facts to findings, without a network: certificates, pins, -D. */
#include "tests/judge/starttls_fixture.h"

CHANGE(self_signed, distrust(f, TLS_TRUST_SELF_SIGNED, 0))
CHANGE(unknown_root, distrust(f, TLS_TRUST_UNKNOWN_ROOT, 1))
CHANGE(unknown_issuer, distrust(f, TLS_TRUST_NO_ISSUER, 1))
CHANGE(bad_signature, distrust(f, TLS_TRUST_BAD_SIGNATURE, 0))
CHANGE(bad_purpose_above, distrust(f, TLS_TRUST_PURPOSE, 1))
CHANGE(early_above, distrust(f, TLS_TRUST_NOT_YET_VALID, 1))
CHANGE(wrong_order, first(f)->chain.faults = CERTIFICATE_CHAIN_WRONG_ORDER)
CHANGE(extra_root, first(f)->chain.faults = CERTIFICATE_CHAIN_ROOT)
CHANGE(extra, first(f)->chain.faults = CERTIFICATE_CHAIN_EXTRA)
CHANGE(twice, first(f)->chain.faults = CERTIFICATE_CHAIN_DUPLICATE)
CHANGE(broken_above, first(f)->chain.faults = CERTIFICATE_CHAIN_BROKEN)
CHANGE(broken_leaf, leaf(f)->is_broken = true)
CHANGE(expired_bypassed, issuer(f)->not_after = NOW - 1)
CHANGE(other_name, f->place.name = "mx2.example.org")
CHANGE(address, (f->place.name = "192.0.2.1", f->place.is_address = true))
CHANGE(no_name, f->place.name = NULL)
CHANGE(no_names, (leaf(f)->has_names = false, leaf(f)->name_count = 0))
CHANGE(early, leaf(f)->not_before = NOW + 1)
CHANGE(expired_now, leaf(f)->not_after = NOW - 1)
CHANGE(last_second, leaf(f)->not_after = NOW)
CHANGE(two_weeks, leaf(f)->not_after = NOW + 14 * (int64_t)DAY - 1)
CHANGE(two_weeks_full, leaf(f)->not_after = NOW + 14 * (int64_t)DAY)
CHANGE(two_days, leaf(f)->not_after = NOW + 3 * (int64_t)DAY - 1)
CHANGE(issuer_two_days, issuer(f)->not_after = NOW + 2 * (int64_t)DAY)
CHANGE(long_life, leaf(f)->not_after = NOW + 369 * (int64_t)DAY)
CHANGE(rsa_2047, leaf(f)->bits = 2047)
CHANGE(rsa_1024, leaf(f)->bits = 1024)
CHANGE(rsa_1023, leaf(f)->bits = 1023)
CHANGE(issuer_1024, issuer(f)->bits = 1024)
CHANGE(ec_224, (leaf(f)->key = CERTIFICATE_KEY_EC, leaf(f)->bits = 224))
CHANGE(ec_256, (leaf(f)->key = CERTIFICATE_KEY_EC, leaf(f)->bits = 256))
CHANGE(dsa, (leaf(f)->key = CERTIFICATE_KEY_DSA, leaf(f)->bits = 3072))
CHANGE(sha1, leaf(f)->signature_hash = CERTIFICATE_HASH_SHA1)
CHANGE(issuer_md5, issuer(f)->signature_hash = CERTIFICATE_HASH_BROKEN)
CHANGE(root_sha1,
       (issuer(f)->signature_hash = CERTIFICATE_HASH_SHA1, issuer(f)->is_self_signed = true))
CHANGE(client, leaf(f)->for_server = false)
CHANGE(authority, leaf(f)->is_ca = true)
CHANGE(revoked, first(f)->staple = TLS_STAPLE_REVOKED)
CHANGE(no_staple, (leaf(f)->has_responder = true, first(f)->staple = TLS_STAPLE_NONE))
CHANGE(no_responder, first(f)->staple = TLS_STAPLE_NONE)
CHANGE(stale, first(f)->staple = TLS_STAPLE_STALE)
CHANGE(must_staple, (leaf(f)->must_staple = true, first(f)->staple = TLS_STAPLE_NONE))
CHANGE(must_staple_unknown, (leaf(f)->must_staple = true, first(f)->staple = TLS_STAPLE_UNKNOWN))
/* What a server shows that was asked with --raw-key; NULL: certificates. */
static void shows_raw_key(struct fixture *f, const struct certificate *raw_key)
{
    f->config.wants_raw_key = true;
    add_accepted(f, STARTTLS_RAW_KEY, TLS_1_2);
    f->talks[STARTTLS_RAW_KEY].tls.outcome = TLS_AGREED;
    f->talks[STARTTLS_RAW_KEY].tls.chain.count = 0;
    f->talks[STARTTLS_RAW_KEY].tls.raw_key = raw_key;
}

static const struct certificate GOOD_KEY = {.key = CERTIFICATE_KEY_EC, .bits = 256};
static const struct certificate WEAK_KEY = {.key = CERTIFICATE_KEY_RSA, .bits = 1024};
static const struct certificate BAD_KEY = {.is_broken = true};
CHANGE(raw_key, shows_raw_key(f, &GOOD_KEY))
CHANGE(raw_key_weak, shows_raw_key(f, &WEAK_KEY))
CHANGE(raw_key_bad, shows_raw_key(f, &BAD_KEY))
CHANGE(raw_key_none, shows_raw_key(f, NULL))
CHANGE(raw_key_refused, (f->config.wants_raw_key = true, add_refused(f, STARTTLS_RAW_KEY)))

static void no_issuer(struct fixture *f)
{
    first(f)->chain.count = first(f)->chain.path_count = 1;
    distrust(f, TLS_TRUST_NO_ISSUER, 0);
}

static void expired_above(struct fixture *f)
{
    issuer(f)->not_after = NOW - DAY;
    distrust(f, TLS_TRUST_EXPIRED, 1);
}

static void off(struct fixture *f)
{
    self_signed(f);
    other_name(f);
    f->config.pkix = "off";
}

static void insisted(struct fixture *f)
{
    self_signed(f);
    f->config.pkix = "crit";
}

static void strict_but_warned(struct fixture *f)
{
    strict(f);
    self_signed(f);
    f->config.pkix = "warn";
}

static void strict_self_signed(struct fixture *f)
{
    strict(f);
    self_signed(f);
}

static void strict_name(struct fixture *f)
{
    strict(f);
    other_name(f);
}

static void long_but_distrusted(struct fixture *f)
{
    long_life(f);
    self_signed(f);
}

static void second_expired(struct fixture *f)
{
    f->talks[STARTTLS_OTHER_KEY].session.entry_count = 0;
    add_accepted(f, STARTTLS_OTHER_KEY, TLS_1_3);
    f->talks[STARTTLS_OTHER_KEY].list[0].sha256[0] = 1;
    f->talks[STARTTLS_OTHER_KEY].list[0].not_after = NOW - 1;
}

static const struct starttls_row rows[] = {
  /* clang-format off */
    {"RFC 5280 6: self-signed", self_signed, STARTTLS_F_SELF_SIGNED, STATE_WARNING},
    {"RFC 5280 6: self-signed, for submission", strict_self_signed, STARTTLS_F_SELF_SIGNED, STATE_CRITICAL},
    {"--pkix crit", insisted, STARTTLS_F_SELF_SIGNED, STATE_CRITICAL},
    {"--pkix warn", strict_but_warned, STARTTLS_F_SELF_SIGNED, STATE_WARNING},
    {"--pkix off: neither chain nor name", off, STARTTLS_FINDINGS, STATE_OK},
    {"RFC 5280 6: an unknown root", unknown_root, STARTTLS_F_UNKNOWN_AUTHORITY, STATE_WARNING},
    {"RFC 5280 6: the intermediate's issuer is unknown", unknown_issuer, STARTTLS_F_UNKNOWN_AUTHORITY, STATE_WARNING},
    {"RFC 5246 7.4.2: the intermediate is missing", no_issuer, STARTTLS_F_INCOMPLETE_CHAIN, STATE_WARNING},
    {"RFC 5246 7.4.2: the wrong order", wrong_order, STARTTLS_F_WRONG_ORDER, STATE_WARNING},
    {"RFC 8446 4.4.2: the root is sent", extra_root, STARTTLS_F_EXTRA_ROOT, STATE_WARNING},
    {"RFC 5246 7.4.2: a certificate that is not of the chain", extra, STARTTLS_F_EXTRA_CERTIFICATE, STATE_WARNING},
    {"RFC 5246 7.4.2: a certificate twice", twice, STARTTLS_F_EXTRA_CERTIFICATE, STATE_WARNING},
    {"RFC 5280 6.1.3: an intermediate has expired", expired_above, STARTTLS_F_EXPIRED_INTERMEDIATE, STATE_WARNING},
    {"RFC 5280 6.1.3: an intermediate is not valid yet", early_above, STARTTLS_F_EXPIRED_INTERMEDIATE, STATE_WARNING},
    {"an expired intermediate that another path avoids", expired_bypassed, STARTTLS_F_EXPIRED_INTERMEDIATE, STATE_WARNING},
    {"RFC 5280 6.1: a bad signature", bad_signature, STARTTLS_F_BAD_CHAIN, STATE_WARNING},
    {"RFC 5280 6.1: an authority that is not for servers", bad_purpose_above, STARTTLS_F_BAD_CHAIN, STATE_WARNING},
    {"a certificate of the chain is no certificate", broken_above, STARTTLS_F_BAD_CHAIN, STATE_WARNING},
    {"the server's certificate is no certificate", broken_leaf, STARTTLS_F_BAD_CHAIN, STATE_WARNING},
    {"RFC 9525 6.3: another name", other_name, STARTTLS_F_NAME_MISMATCH, STATE_WARNING},
    {"RFC 9525 6.3: another name, for submission", strict_name, STARTTLS_F_NAME_MISMATCH, STATE_CRITICAL},
    {"RFC 9525 6.3: asked for by an address, which the certificate need not have", address, STARTTLS_F_NO_NAME, STATE_OK},
    {"no name is known", no_name, STARTTLS_F_NO_NAME, STATE_OK},
    {"RFC 9525 6.3: no subjectAltName", no_names, STARTTLS_F_NO_NAMES, STATE_WARNING},
    {"RFC 5280 4.1.2.5: not yet valid", early, STARTTLS_F_NOT_YET_VALID, STATE_CRITICAL},
    {"RFC 5280 4.1.2.5: expired a second ago", expired_now, STARTTLS_F_EXPIRED, STATE_CRITICAL},
    {"RFC 5280 4.1.2.5: the last second counts", last_second, STARTTLS_F_EXPIRES, STATE_CRITICAL},
    {"-D: less than 14 days", two_weeks, STARTTLS_F_EXPIRES, STATE_WARNING},
    {"-D: 14 whole days", two_weeks_full, STARTTLS_FINDINGS, STATE_OK},
    {"-D: less than 3 days", two_days, STARTTLS_F_EXPIRES, STATE_CRITICAL},
    {"-D: the intermediate ends first", issuer_two_days, STARTTLS_F_CHAIN_EXPIRES, STATE_CRITICAL},
    {"valid for 399 days", long_life, STARTTLS_F_VALIDITY, STATE_WARNING},
    {"the second certificate counts as the first", second_expired, STARTTLS_F_EXPIRED, STATE_CRITICAL},
    {"RFC 9325 4.5: RSA 2047", rsa_2047, STARTTLS_F_KEY_WEAK, STATE_WARNING},
    {"RFC 9325 4.5: RSA 1024", rsa_1024, STARTTLS_F_KEY_WEAK, STATE_WARNING},
    {"RFC 9325 4.5: RSA 1023", rsa_1023, STARTTLS_F_KEY_BROKEN, STATE_CRITICAL},
    {"RFC 9325 4.5: an intermediate with RSA 1024", issuer_1024, STARTTLS_F_KEY_WEAK, STATE_WARNING},
    {"RFC 9325 4.5: P-224", ec_224, STARTTLS_F_KEY_WEAK, STATE_WARNING},
    {"RFC 9325 4.5: P-256 is enough", ec_256, STARTTLS_FINDINGS, STATE_OK},
    {"RFC 9325 4.5: DSA of any length", dsa, STARTTLS_F_KEY_WEAK, STATE_WARNING},
    {"RFC 9325 4.5: signed with SHA-1", sha1, STARTTLS_F_SIGNATURE_WEAK, STATE_WARNING},
    {"RFC 9325 4.5: an intermediate signed with MD5", issuer_md5, STARTTLS_F_SIGNATURE_WEAK, STATE_WARNING},
    {"a root's own signature does not matter", root_sha1, STARTTLS_FINDINGS, STATE_OK},
    {"RFC 5280 4.2.1.12: not for servers", client, STARTTLS_F_USAGE, STATE_WARNING},
    {"RFC 5280 4.2.1.9: CA:TRUE", authority, STARTTLS_F_AUTHORITY_LEAF, STATE_WARNING},
    {"RFC 6960 2.2: revoked", revoked, STARTTLS_F_REVOKED, STATE_CRITICAL},
    {"RFC 6066 8: no OCSP answer", no_staple, STARTTLS_F_NO_STAPLE, STATE_OK},
    {"RFC 6066 8: no OCSP answer, where there is no responder", no_responder, STARTTLS_FINDINGS, STATE_OK},
    {"RFC 6960 3.2: a stale OCSP answer", stale, STARTTLS_F_STAPLE_INVALID, STATE_OK},
    {"RFC 7633 4: must-staple without", must_staple, STARTTLS_F_MUST_STAPLE, STATE_CRITICAL},
    {"RFC 7633 4: must-staple with one that knows nothing", must_staple_unknown, STARTTLS_F_MUST_STAPLE, STATE_CRITICAL},
  /* clang-format on */
    {"RFC 7250 3: a raw public key is a note",                            raw_key,         STARTTLS_F_RAW_KEY,     STATE_OK     },
    {"a raw public key of RSA 1024 is weak",                              raw_key_weak,    STARTTLS_F_KEY_WEAK,    STATE_WARNING},
    {"a raw public key that cannot be read",                              raw_key_bad,     STARTTLS_F_BAD_RAW_KEY, STATE_WARNING},
    {"RFC 7250 4.2: a certificate though a raw key is preferred",         raw_key_none,
     STARTTLS_F_NO_RAW_KEY,                                                                                        STATE_OK     },
    {"a refusal, though a certificate would do, says nothing about keys", raw_key_refused,
     STARTTLS_F_PROBE_FAILED,                                                                                      STATE_UNKNOWN},
};

static void test_long_distrusted(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f);
    long_but_distrusted(&f);
    starttls_judge(&f.config, &f.common, &f.facts, &f.report);
    assert_null(find(&f, STARTTLS_F_VALIDITY));
    fixture_close(&f);
}

/* ---- pins, days */

static const struct pin_row {
    const char *label;
    const char *pin;
    bool is_good, matches;
} pin_rows[] = {
    {"a serial with zeros in front",                 "serial:00:0a:BC",              true,  true },
    {"another serial",                               "serial:0abd",                  true,  false},
    {"a longer serial",                              "serial:abc0",                  true,  false},
    {"the issuer, letter for letter",                "issuer:CN=A",                  true,  true },
    {"another issuer",                               "issuer:CN=AB",                 true,  false},
    {"a fingerprint of zeros",
     "sha256:0000000000000000000000000000000000000000000000000000000000000000",      true,  true },
    {"a fingerprint that is too long",
     "sha256:000000000000000000000000000000000000000000000000000000000000000000",    false, false},
    {"a fingerprint that is too short",              "sha256:00",                    false, false},
    {"a fingerprint with a letter that is no digit",
     "sha256:g000000000000000000000000000000000000000000000000000000000000000",      false, false},
    {"the key's fingerprint",
     "spki-sha256:0100000000000000000000000000000000000000000000000000000000000000", true,  true },
    {"no kind",                                      "0000",                         false, false},
    {"nothing behind the kind",                      "issuer:",                      false, false},
};

static void test_pin(void **state)
{
    const struct pin_row *row = *state;
    const struct certificate certificate = {
        .serial = "0ABC",
        .issuer = "CN=A",
        .spki_sha256 = {1},
    };
    assert_int_equal(starttls_pin_is_good(row->pin), row->is_good);
    if (row->is_good)
        assert_int_equal(starttls_pin_matches(row->pin, &certificate), row->matches);
}

static const struct days_row {
    const char *label;
    const char *text;
    bool is_good;
    long warning, critical;
} days_rows[] = {
    {"-D 30,14",                         "30,14", true,  30, 14},
    {"-D 30",                            "30",    true,  30, -1},
    {"-D 0,0",                           "0,0",   true,  0,  0 },
    {"-D 14,30: critical above warning", "14,30", false, 0,  0 },
    {"-D 14,",                           "14,",   false, 0,  0 },
    {"-D with a word",                   "two",   false, 0,  0 },
    {"-D -1",                            "-1",    false, 0,  0 },
};

static void test_days(void **state)
{
    const struct days_row *row = *state;
    struct starttls_config config = {.days_text = row->text};
    assert_int_equal(starttls_options_read_days(&config), row->is_good);
    if (row->is_good) {
        assert_int_equal(config.days_warning, row->warning);
        assert_int_equal(config.days_critical, row->critical);
    }
}

int main(void)
{
    static struct cases cases;
    CASES_TABLE(&cases, starttls_test_row, rows);
    CASES_TABLE(&cases, test_pin, pin_rows);
    CASES_TABLE(&cases, test_days, days_rows);
    cases_add(&cases, "a long term matters only where the chain is trusted", test_long_distrusted,
              NULL);
    return cases_run(&cases, "starttls_certificate");
}
