#include "mail/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct decoder {
    uint32_t bits;
    unsigned digits; /* of the group of four under way */
    unsigned pads;
    size_t length;
};

/* The octets that the digits of the last group hold: 2 digits 1, 3 digits 2. */
static enum base64_error finish(struct decoder *decoder, uint8_t *octets, size_t room)
{
    if (decoder->digits == 1)
        return BASE64_BAD_LENGTH;
    if (decoder->digits == 0)
        return decoder->pads == 0 ? BASE64_FINE : BASE64_BAD_PADDING;
    unsigned count = decoder->digits - 1;
    if (room - decoder->length < count)
        return BASE64_NO_ROOM;
    uint32_t bits = decoder->bits << (decoder->digits == 2 ? 12 : 6);
    octets[decoder->length++] = (uint8_t)(bits >> 16);
    if (count == 2)
        octets[decoder->length++] = (uint8_t)(bits >> 8 & 0xFF);
    return decoder->digits + decoder->pads == 4 ? BASE64_FINE : BASE64_BAD_PADDING;
}

static enum base64_error take(struct decoder *decoder, char c, uint8_t *octets, size_t room)
{
    int value = digit_value(c);
    if (c == '=') {
        decoder->pads++;
        return decoder->pads > 2 ? BASE64_BAD_PADDING : BASE64_FINE;
    }
    if (value < 0 || decoder->pads > 0)
        return BASE64_BAD_CHARACTER;
    decoder->bits = (decoder->bits << 6 | (uint32_t)value) & 0xFFFFFF;
    if (++decoder->digits < 4)
        return BASE64_FINE;
    if (room - decoder->length < 3)
        return BASE64_NO_ROOM;
    octets[decoder->length++] = (uint8_t)(decoder->bits >> 16);
    octets[decoder->length++] = (uint8_t)(decoder->bits >> 8 & 0xFF);
    octets[decoder->length++] = (uint8_t)(decoder->bits & 0xFF);
    decoder->digits = 0;
    return BASE64_FINE;
}

/*
 * base64string = ALPHADIGITPS *([FWS] ALPHADIGITPS) [ [FWS] "=" [ [FWS] "=" ] ]
 */
enum base64_error base64_decode(struct slice text, enum base64_space space, uint8_t *octets,
                                size_t room, size_t *length, size_t *offset)
{
    struct decoder decoder = {0};
    enum base64_error error = BASE64_FINE;
    bool is_empty = true;
    size_t i = 0;
    for (; i < text.length && error == BASE64_FINE; i++) {
        if (space == BASE64_FWS && is_space(text.start[i]))
            continue;
        is_empty = false;
        error = take(&decoder, text.start[i], octets, room);
    }
    if (error != BASE64_FINE)
        i--;
    else
        error = is_empty ? BASE64_EMPTY : finish(&decoder, octets, room);
    *length = decoder.length;
    if (offset)
        *offset = i;
    return error;
}

void base64_encode(const uint8_t *octets, size_t length, char *text)
{
    size_t at = 0;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t bits = (uint32_t)octets[i] << 16;
        if (left > 1)
            bits |= (uint32_t)octets[i + 1] << 8;
        if (left > 2)
            bits |= octets[i + 2];
        text[at++] = alphabet[bits >> 18];
        text[at++] = alphabet[bits >> 12 & 63];
        text[at++] = left > 1 ? alphabet[bits >> 6 & 63] : '=';
        text[at++] = left > 2 ? alphabet[bits & 63] : '=';
    }
    text[at] = '\0';
}

const char *base64_error_text(enum base64_error error)
{
    switch (error) {
    case BASE64_FINE:
        return "no error";
    case BASE64_EMPTY:
        return "empty";
    case BASE64_BAD_CHARACTER:
        return "a character outside the base64 alphabet";
    case BASE64_BAD_LENGTH:
        return "a length that base64 cannot have: a character is missing";
    case BASE64_BAD_PADDING:
        return "wrong padding (=) at the end";
    case BASE64_NO_ROOM:
        return "too long";
    }
    return "";
}
