// Verifies one certificate as a server with OpenSSL 1.1.1 does. Prints OK, or the error with its number and depth.
// usage: judge ROOTS LEAF SENT CRLS, with - for a missing file. The program does not need the headers of this version.
#include <stdio.h>
#include <string.h>

extern void *BIO_new_file(const char *, const char *);
extern void *PEM_read_bio_X509(void *, void *, void *, void *);
extern void *PEM_read_bio_X509_CRL(void *, void *, void *, void *);
extern void *OPENSSL_sk_new_null(void);
extern int OPENSSL_sk_push(void *, const void *);
extern void *X509_STORE_new(void);
extern int X509_STORE_add_cert(void *, void *);
extern void *X509_STORE_CTX_new(void);
extern int X509_STORE_CTX_init(void *, void *, void *, void *);
extern void X509_STORE_CTX_set0_crls(void *, void *);
extern void *X509_STORE_CTX_get0_param(void *);
extern int X509_VERIFY_PARAM_set_purpose(void *, int);
extern int X509_VERIFY_PARAM_set_flags(void *, unsigned long);
extern void X509_VERIFY_PARAM_set_auth_level(void *, int);
extern int X509_verify_cert(void *);
extern int X509_STORE_CTX_get_error(void *);
extern int X509_STORE_CTX_get_error_depth(void *);
extern const char *X509_verify_cert_error_string(long);

typedef void *reader(void *, void *, void *, void *);

static void *all(const char *file, reader *read) {
  void *stack = OPENSSL_sk_new_null(), *bio, *one;
  if (strcmp(file, "-") == 0) return stack;
  bio = BIO_new_file(file, "r");
  while ((one = read(bio, NULL, NULL, NULL)) != NULL) OPENSSL_sk_push(stack, one);
  return stack;
}

int main(int argc, char **argv) {
  void *store = X509_STORE_new(), *context = X509_STORE_CTX_new(), *parameters, *bio, *one, *leaf;
  if (argc != 5) return 2;
  bio = BIO_new_file(argv[1], "r");
  while ((one = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) X509_STORE_add_cert(store, one);
  leaf = PEM_read_bio_X509(BIO_new_file(argv[2], "r"), NULL, NULL, NULL);
  X509_STORE_CTX_init(context, store, leaf, all(argv[3], PEM_read_bio_X509));
  X509_STORE_CTX_set0_crls(context, all(argv[4], PEM_read_bio_X509_CRL));
  parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_purpose(parameters, 1); // X509_PURPOSE_SSL_CLIENT
  X509_VERIFY_PARAM_set_auth_level(parameters, 1);
  // X509_V_FLAG_CRL_CHECK and X509_V_FLAG_CRL_CHECK_ALL
  if (strcmp(argv[4], "-") != 0) X509_VERIFY_PARAM_set_flags(parameters, 0x4 | 0x8);
  if (X509_verify_cert(context) == 1) return puts("OK") < 0;
  int error = X509_STORE_CTX_get_error(context);
  printf("error %d at %d depth: %s\n", error, X509_STORE_CTX_get_error_depth(context), X509_verify_cert_error_string(error));
  return 1;
}
