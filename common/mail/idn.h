/*
 * Internationalised domain names: U-labels to A-labels by libidn2 (IDNA2008, non-transitional, RFC
 * 5891), in a module of its own so that only programs that read names from people carry the
 * library.
 */
#ifndef COMMON_MAIL_IDN_H
#define COMMON_MAIL_IDN_H

#include "mail/domain.h"

/* As domain_normalize, and UTF-8 U-labels become A-labels. What is ASCII already is not looked
 * into: underscores pass, and A-labels are taken as they are. A name that IDNA would turn into one
 * with signs that the person did not write (U+2100 becomes "a/c") is DOMAIN_BAD_IDN. */
enum domain_error domain_to_ascii(struct slice name, char buffer[static DOMAIN_TEXT_SIZE]);

#endif
