/* SPDX-License-Identifier: ISC */
/* Ed25519 keys out of the seed, in OpenSSH's file formats. */
#include "config.h"

#include "lab/device.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static void put_u32(struct str *s, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		str_putc(s, (char)(v >> shift));
}

static void put_bytes(struct str *s, const void *data, size_t n)
{
	put_u32(s, (uint32_t)n);
	str_add(s, data, n);
}

static void put_base64(struct str *out, const struct str *raw, size_t width)
{
	unsigned char *text = xmalloc(raw->len * 2 + 8);
	size_t n =
	    (size_t)EVP_EncodeBlock(text, (const unsigned char *)str_text(raw), (int)raw->len);
	for (size_t at = 0; at < n; at += width) {
		str_add(out, text + at, n - at < width ? n - at : width);
		if (n > width)
			str_putc(out, '\n');
	}
	free(text);
}

static void key_bytes(uint64_t seed, unsigned generation, unsigned char secret[32],
		      unsigned char public_key[32])
{
	uint64_t words[3] = {seed, generation, UINT64_C(0x6869746c657373)};
	unsigned n = 32;
	size_t length = 32;
	if (EVP_Digest(words, sizeof(words), secret, &n, EVP_sha256(), NULL) != 1)
		abort();
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, 32);
	if (!key || EVP_PKEY_get_raw_public_key(key, public_key, &length) != 1)
		abort();
	EVP_PKEY_free(key);
}

void key_make(uint64_t seed, unsigned generation, const char *comment, char **private_text,
	      char **public_line)
{
	unsigned char secret[32], public_key[32];
	struct str blob = {0}, secrets = {0}, file = {0}, text = {0}, line = {0};
	key_bytes(seed, generation, secret, public_key);
	put_bytes(&blob, "ssh-ed25519", 11);
	put_bytes(&blob, public_key, 32);
	put_u32(&secrets, 0x1ab1ab1a);
	put_u32(&secrets, 0x1ab1ab1a);
	str_add(&secrets, blob.buf, blob.len);
	put_u32(&secrets, 64);
	str_add(&secrets, secret, 32);
	str_add(&secrets, public_key, 32);
	put_bytes(&secrets, comment, strlen(comment));
	for (char pad = 1; secrets.len % 8; pad++)
		str_putc(&secrets, pad);
	str_add(&file, "openssh-key-v1", 15);
	put_bytes(&file, "none", 4);
	put_bytes(&file, "none", 4);
	put_u32(&file, 0);
	put_u32(&file, 1);
	put_bytes(&file, blob.buf, blob.len);
	put_bytes(&file, secrets.buf, secrets.len);
	str_puts(&text, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	put_base64(&text, &file, 70);
	str_puts(&text, "-----END OPENSSH PRIVATE KEY-----\n");
	str_puts(&line, "ssh-ed25519 ");
	put_base64(&line, &blob, 1000);
	str_printf(&line, " %s", comment);
	*private_text = str_take(&text);
	*public_line = str_take(&line);
	str_release(&blob);
	str_release(&secrets);
	str_release(&file);
}

char *key_fingerprint(const char *public_line)
{
	const char *base64 = strchr(public_line, ' ');
	if (!base64)
		return xstrdup("");
	base64++;
	size_t n = strcspn(base64, " \n");
	unsigned char raw[512], sum[EVP_MAX_MD_SIZE], text[128];
	unsigned length = 0;
	if (n > 600)
		return xstrdup("");
	int bytes = EVP_DecodeBlock(raw, (const unsigned char *)base64, (int)n);
	for (size_t k = n; k && base64[k - 1] == '='; k--)
		bytes--;
	if (bytes <= 0 || EVP_Digest(raw, (size_t)bytes, sum, &length, EVP_sha256(), NULL) != 1)
		return xstrdup("");
	(void)EVP_EncodeBlock(text, sum, 32);
	text[strcspn((char *)text, "=")] = '\0';
	return xasprintf("SHA256:%s", (char *)text);
}

static uint64_t seed_of(const struct device *dev)
{
	return dev->lab->options.seed * 1000003u + (uint64_t)dev->index;
}

void hostkey_write(struct device *dev)
{
	char *text, *line;
	key_make(seed_of(dev), ++dev->key_generation, "root@cumulus", &text, &line);
	char *with_end = xasprintf("%s\n", line);
	vfs_put_text(&dev->vfs, "/etc/ssh/ssh_host_ed25519_key", text, 0600, dev->lab->now);
	vfs_put_text(&dev->vfs, "/etc/ssh/ssh_host_ed25519_key.pub", with_end, 0644, dev->lab->now);
	free(with_end);
	free(line);
	free(text);
}

void hostkey_load(struct device *dev)
{
	free(dev->host_key);
	free(dev->host_public_key);
	dev->host_key = xstrdup(vfs_text(&dev->vfs, "/etc/ssh/ssh_host_ed25519_key"));
	const char *line = vfs_text(&dev->vfs, "/etc/ssh/ssh_host_ed25519_key.pub");
	dev->host_public_key = xstrndup(line, strcspn(line, "\n"));
}

/* ONIE's own SSH server has a key of its own; so has whoever is there under a fault. */
static void foreign_key(struct device *dev, unsigned generation)
{
	free(dev->host_key);
	free(dev->host_public_key);
	key_make(seed_of(dev), generation, "root@onie", &dev->host_key, &dev->host_public_key);
}

const char *lab_host_key(struct lab *lab, size_t device)
{
	struct device *dev = lab->devices.v[device];
	if (dev->phase == PHASE_ONIE)
		foreign_key(dev, 100000);
	else if (fault_on(dev, "host-key-changed"))
		foreign_key(dev, 200000);
	return dev->host_key ? dev->host_key : "";
}

const char *lab_host_public_key(struct lab *lab, size_t device)
{
	(void)lab_host_key(lab, device);
	return lab->devices.v[device]->host_public_key ? lab->devices.v[device]->host_public_key
						       : "";
}
