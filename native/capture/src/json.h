#ifndef TCPWB_JSON_H
#define TCPWB_JSON_H

#include <stdio.h>

/* Writes `text` as a JSON string. Octets that are not UTF-8 become U+FFFD, so the output is valid JSON whatever an
 * interface is called. */
void json_string(FILE *out, const char *text);

#endif
