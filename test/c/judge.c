/* Reads pairs "function text" (both end in a NUL), and prints the result of the C function for each text. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void hex(const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", bytes[i]);
}

static void answer(const char *function, const char *text) {
  char *end;
  errno = 0;
  if (strcmp(function, "strtol0") == 0 || strcmp(function, "strtol10") == 0) {
    long value = strtol(text, &end, function[6] == '0' ? 0 : 10);
    printf("%ld %td %d", value, end - text, errno == ERANGE);
  } else if (strcmp(function, "strtoul0") == 0) {
    unsigned long value = strtoul(text, &end, 0);
    printf("%lu %td %d", value, end - text, errno == ERANGE);
  } else if (strcmp(function, "atoi") == 0) {
    printf("%d", atoi(text));
  } else if (strcmp(function, "strtod") == 0) {
    double value = strtod(text, &end);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    /* A reader of settings does not look at the sign and payload of a NaN. */
    if (value != value) printf("nan %td %d", end - text, errno == ERANGE);
    else printf("%016llx %td %d", (unsigned long long) bits, end - text, errno == ERANGE);
  } else if (strcmp(function, "isspace") == 0) {
    for (int c = 0; c < 256; c++) putchar(isspace(c) ? '1' : '0');
  } else if (strcmp(function, "tolower") == 0) {
    for (const char *at = text; *at; at++) printf("%02x", (unsigned char) tolower((unsigned char) *at));
  } else if (strcmp(function, "toupper") == 0) {
    for (const char *at = text; *at; at++) printf("%02x", (unsigned char) toupper((unsigned char) *at));
  } else if (strcmp(function, "compare") == 0) {
    /* Two texts, separated by a line feed. */
    char *left = strdup(text), *right = strchr(left, '\n');
    *right++ = '\0';
    int order = strcmp(left, right);
    printf("%d %d", (order > 0) - (order < 0), strcasecmp(left, right) == 0);
    free(left);
  } else if (strcmp(function, "address") == 0) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    if (*text == '\0' || getaddrinfo(text, NULL, &hints, &found) != 0) {
      printf("none");
    } else {
      char shown[INET6_ADDRSTRLEN];
      const unsigned char *bytes = found->ai_family == AF_INET
        ? (const unsigned char *) &((struct sockaddr_in *) found->ai_addr)->sin_addr
        : (const unsigned char *) &((struct sockaddr_in6 *) found->ai_addr)->sin6_addr;
      hex(bytes, found->ai_family == AF_INET ? 4 : 16);
      printf(" %s", inet_ntop(found->ai_family, bytes, shown, sizeof shown));
      freeaddrinfo(found);
    }
  }
  putchar('\n');
}

int main(void) {
  char *function = NULL, *text = NULL;
  size_t functionSize = 0, textSize = 0;
  while (getdelim(&function, &functionSize, '\0', stdin) > 0 && getdelim(&text, &textSize, '\0', stdin) > 0) {
    answer(function, text);
  }
  return 0;
}
