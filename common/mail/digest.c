#include "mail/digest.h"

#include <openssl/evp.h>

bool digest_hex(enum digest_kind kind, struct slice text, char hex[static DIGEST_HEX_SIZE])
{
    static const char DIGITS[] = "0123456789abcdef";
    const EVP_MD *algorithm = kind == DIGEST_MD5    ? EVP_md5()
                              : kind == DIGEST_SHA1 ? EVP_sha1()
                                                    : EVP_sha256();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(text.start, text.length, digest, &length, algorithm, NULL) != 1 ||
        length * 2 >= DIGEST_HEX_SIZE) {
        return false;
    }
    for (unsigned i = 0; i < length; i++) {
        hex[2 * i] = DIGITS[digest[i] >> 4];
        hex[2 * i + 1] = DIGITS[digest[i] & 15U];
    }
    hex[2 * length] = '\0';
    return true;
}
