/* SPDX-License-Identifier: ISC */
/* tee, checksums, base64. */
#include "config.h"

#include "lab/command.h"
#include "lab/edit.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_tee(struct sh *sh, int argc, char **argv)
{
	bool append = false;
	int status = 0;
	struct blob *b = proc_input_all(sh->proc, sh->in);
	if (!b)
		return 137;
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			append |= strchr(argv[i], 'a') != NULL;
		else
			status |= !file_write(sh, argv[i], b, append, "tee");
	}
	blob_append(sh->out, b);
	blob_unref(b);
	return status;
}

static void digest_hex(const char *data, size_t n, const char *kind, char hex[129])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	const EVP_MD *md = EVP_get_digestbyname(kind);
	hex[0] = '\0';
	if (!md || EVP_Digest(data, n, sum, &length, md, NULL) != 1)
		return;
	for (unsigned i = 0; i < length; i++) {
		hex[2 * i] = "0123456789abcdef"[sum[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
	}
	hex[2 * length] = '\0';
}

/* -c: "HASH  FILE" lines of a file or of standard input. */
static int check_sums(struct sh *sh, int argc, char **argv, const char *kind, int i)
{
	struct blob *b = operand_next(sh, argc, argv, &i);
	size_t n = 0;
	const char *at = b ? blob_data(b, &n) : "", *end = at + n;
	struct str line = {0};
	int bad = 0;
	while (line_next(&at, end, &line)) {
		char hex[129], *name = strchr(str_text(&line), ' ');
		if (!name)
			continue;
		*name++ = '\0';
		name += *name == ' ' || *name == '*';
		struct blob *file = file_open(sh, name, argv[0]);
		size_t length = 0;
		const char *data = file ? blob_data(file, &length) : "";
		digest_hex(data, length, kind, hex);
		bool ok = file && strcasecmp(hex, line.buf) == 0;
		blob_printf(sh->out, "%s: %s\n", name,
			    !file ? "FAILED open or read"
			    : ok  ? "OK"
				  : "FAILED");
		bad += !ok;
		blob_unref(file);
	}
	str_release(&line);
	blob_unref(b);
	if (bad)
		(void)say(sh, 1, "%s: WARNING: %d computed checksum%s did NOT match", argv[0], bad,
			  bad > 1 ? "s" : "");
	return bad ? 1 : 0;
}

static int run_sum(struct sh *sh, int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');
	base = base ? base + 1 : argv[0];
	char kind[16]; /* "sha256sum" is "sha256" */
	(void)snprintf(kind, sizeof(kind), "%.*s", (int)strlen(base) - 3, base);
	int i = 1, status = 0;
	bool check = false;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++)
		check |= strchr(argv[i], 'c') != NULL && argv[i][1] != '-';
	if (check)
		return check_sums(sh, argc, argv, kind, i);
	for (int k = i; k < argc || k == i; k++) {
		bool in = k >= argc || strcmp(argv[k], "-") == 0;
		struct blob *b =
		    in ? proc_input_all(sh->proc, sh->in) : file_open(sh, argv[k], argv[0]);
		size_t n = 0;
		const char *data = b ? blob_data(b, &n) : "";
		char hex[129];
		digest_hex(data, n, kind, hex);
		if (b)
			blob_printf(sh->out, "%s  %s\n", hex, in ? "-" : argv[k]);
		status |= !b;
		blob_unref(b);
	}
	return status;
}

static int run_base64(struct sh *sh, int argc, char **argv)
{
	bool decode = false, flat = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		decode |=
		    str_eq(argv[i], "-d") || str_eq(argv[i], "-D") || str_eq(argv[i], "--decode");
		flat |= str_starts(argv[i], "-w");
		i += str_eq(argv[i], "-w");
	}
	struct blob *b = operand_next(sh, argc, argv, &i);
	if (!b)
		return 1;
	size_t n, keep = 0;
	const char *data = blob_data(b, &n);
	unsigned char *out = xmalloc(n * 2 + 8);
	int status = 0;
	if (!decode) {
		int length = EVP_EncodeBlock(out, (const unsigned char *)data, (int)n);
		for (int k = 0; k < length; k += 76) {
			blob_add(sh->out, out + k,
				 (size_t)(flat              ? length
					  : length - k < 76 ? length - k
							    : 76));
			blob_puts(sh->out, flat ? "" : "\n");
			if (flat)
				break;
		}
	} else {
		char *packed = xmalloc(n + 1);
		for (size_t k = 0; k < n; k++)
			if (!strchr(" \t\r\n", data[k]))
				packed[keep++] = data[k];
		int length = EVP_DecodeBlock(out, (unsigned char *)packed, (int)keep);
		for (size_t k = keep; k && packed[k - 1] == '='; k--)
			length--;
		if (length >= 0)
			blob_add(sh->out, out, (size_t)length);
		else
			status = say(sh, 1, "base64: invalid input");
		free(packed);
	}
	free(out);
	blob_unref(b);
	return status;
}

const struct command sum_commands[] = {
    {.name = "tee", .run = run_tee},
    {.name = "sha256sum", .run = run_sum},
    {.name = "sha512sum", .run = run_sum},
    {.name = "sha1sum", .run = run_sum},
    {.name = "md5sum", .run = run_sum},
    {.name = "base64", .run = run_base64},
    {0},
};
