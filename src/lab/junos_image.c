/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/junos_image.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static const char magic[] = "JUNOS-LAB-PACKAGE\n";

bool junos_vmhost(const struct platform *p)
{
	return strcmp(p->image, "mx") == 0;
}

static void hex_of(const char *data, size_t n, char hex[65])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	hex[0] = '\0';
	if (EVP_Digest(data, n, sum, &length, EVP_sha256(), NULL) != 1)
		return;
	for (int i = 0; i < 32; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

int junos_image_read(const struct blob *b, struct junos_image *image, const char **why)
{
	size_t n;
	const char *data = blob_data(b, &n), *end;
	char head[256], hex[65];
	*why = "not a signed package";
	if (n < sizeof(magic) + 100 || memcmp(data, magic, sizeof(magic) - 1) != 0)
		return -1;
	(void)snprintf(head, sizeof(head), "%.*s", (int)sizeof(head) - 1, data + sizeof(magic) - 1);
	if (sscanf(head, "version %39s\nfamily %23s\nsha256 %64s\n", image->version, image->family,
		   image->sha256) != 3 ||
	    !(end = memmem(data, n, "\n\n", 2)))
		return -1;
	hex_of(end + 2, n - (size_t)(end + 2 - data), hex);
	*why = "signature does not match the contents";
	return strcmp(hex, image->sha256) == 0 ? 0 : -1;
}

void junos_image_make(struct str *out, const char *version, const struct platform *p, size_t size)
{
	struct str body = {0};
	char hex[65];
	uint64_t state = 11;
	for (const char *c = version; *c; c++)
		state = state * 31 + (unsigned char)*c;
	while (body.len < size) {
		uint64_t word = lab_random(&state);
		str_add(&body, &word, sizeof(word));
	}
	hex_of(str_text(&body), body.len, hex);
	str_printf(out, "%sversion %s\nfamily %s\nsha256 %s\n\n", magic, version, p->image, hex);
	str_add(out, body.buf, body.len);
	str_release(&body);
}
