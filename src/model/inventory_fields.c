/* SPDX-License-Identifier: ISC */
/*
 * Everything here may end up in a command, a file name or a log: so it is a whitelist. What looks
 * like an option ("-oProxyCommand=...") is refused everywhere.
 */
#include "config.h"

#include "model/inventory_parts.h"

#include "base/path.h"
#include "base/str.h"
#include "model/values.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static bool made_of(const char *text, const char *chars, size_t most)
{
	size_t n = strlen(text);
	return n >= 1 && n <= most && strspn(text, chars) == n;
}

int inventory_check_name(const char *text, struct err *e)
{
	if (made_of(text, ALNUM "._-", 63) && strchr(ALNUM, *text))
		return 0;
	return err_set(e, ERR_INPUT,
	               "\"%s\" is no name: letters, digits and . _ - only, a letter or "
	               "digit first, at most 63",
	               text);
}

int inventory_check_word(const char *text, struct err *e)
{
	if (made_of(text, ALNUM "._+-", 63) && strchr(ALNUM, *text))
		return 0;
	return err_set(e, ERR_INPUT,
	               "\"%s\": letters, digits and . _ + - only, a letter or digit "
	               "first, at most 63",
	               text);
}

int inventory_check_port_name(const char *text, struct err *e)
{
	if (made_of(text, ALNUM "._/:-", 63) && strchr(ALNUM, *text))
		return 0;
	return err_set(e, ERR_INPUT, "\"%s\" is no port name", text);
}

/* An IPv6 address, perhaps with a zone ("fe80::1%eth0"). */
static bool is_ipv6(const char *text)
{
	unsigned char raw[16];
	char plain[64];
	size_t n = strcspn(text, "%");
	if (n >= sizeof(plain))
		return false;
	memcpy(plain, text, n);
	plain[n] = '\0';
	return inet_pton(AF_INET6, plain, raw) == 1 &&
	       (!text[n] || made_of(text + n + 1, ALNUM ".-_", 15));
}

char *inventory_address(const char *address)
{
	unsigned char raw[16];
	char plain[64], text[INET6_ADDRSTRLEN];
	size_t n = strcspn(address, "%");
	if (is_ipv6(address)) {
		memcpy(plain, address, n);
		plain[n] = '\0';
		bool mapped = inet_pton(AF_INET6, plain, raw) == 1 &&
			      memcmp(raw, (unsigned char[12]){[10] = 0xff, 0xff}, 12) == 0;
		if (inet_ntop(mapped ? AF_INET : AF_INET6, raw + (mapped ? 12 : 0), text,
			      sizeof(text)))
			return xasprintf("%s%s", text, mapped ? "" : address + n);
	}
	char *copy = xstrdup(address);
	for (char *at = copy; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return copy;
}

static bool is_host(const char *text)
{
	if (!made_of(text, ALNUM "._-", 253))
		return false;
	for (const char *label = text; label; label = strchr(label, '.')) {
		label += *label == '.';
		size_t n = strcspn(label, ".");
		if (n == 0 || n > 63 || label[0] == '-' || label[n - 1] == '-')
			return false;
	}
	return true;
}

int inventory_check_address(const char *text, struct err *e)
{
	unsigned char raw[4];
	bool digits = made_of(text, "0123456789.", 253); /* must be IPv4, then: not "10.0.0.256" */
	if (inet_pton(AF_INET, text, raw) == 1 || is_ipv6(text) || (!digits && is_host(text)))
		return 0;
	return err_set(e, ERR_INPUT, "\"%s\" is no IP address and no host name", text);
}

static int check_credential(const char *text, struct err *e)
{
	return path_is_name(text)
	           ? 0
	           : err_set(e, ERR_INPUT, "\"%s\" is no name of a credential", text);
}

static int check_line(const char *text, struct err *e)
{
	if (*text && strlen(text) <= 100 && !text_has_control(text, ""))
		return 0;
	return err_set(e, ERR_INPUT, "expected one line of at most 100 bytes");
}

const struct device_field device_fields[] = {
    {"name", offsetof(struct device, name), inventory_check_name, true, NULL},
    {"address", offsetof(struct device, address), inventory_check_address, false, NULL},
    {"platform", offsetof(struct device, platform), inventory_check_word, true, NULL},
    {"role", offsetof(struct device, role), inventory_check_word, false, NULL},
    {"credential", offsetof(struct device, credential), check_credential, false, "default"},
    {"site", offsetof(struct device, site), check_line, false, NULL},
    {"serial", offsetof(struct device, serial), check_line, false, NULL},
    {"model", offsetof(struct device, model), check_line, false, NULL},
    {NULL, 0, NULL, false, NULL},
};

char **device_text(struct device *d, const struct device_field *f)
{
	return (char **)((char *)d + f->offset);
}

void device_copy(struct device *to, const struct device *from)
{
	*to = *from;
	for (const struct device_field *f = device_fields; f->key; f++)
		*device_text(to, f) = xstrdup(*device_text(to, f));
	to->tags = strings_copy(from->tags);
}

void device_release(struct device *d)
{
	for (const struct device_field *f = device_fields; f->key; f++)
		free(*device_text(d, f));
	strings_free(d->tags);
}

/* --- setting one field --- */

static int check_free(const struct inventory *inv, size_t d, const char *address, int port,
                      struct err *e)
{
	char *wanted = inventory_address(address);
	int result = 0;
	for (size_t i = 0; i < inv->devices.n && !result; i++) {
		const struct device *other = &inv->devices.v[i];
		char *own = inventory_address(other->address);
		if (i != d && other->port == port && strcmp(own, wanted) == 0)
			result = err_set(e, ERR_INPUT,
			                 "%s cannot have the address %s port %d: %s has it "
			                 "already (%s)",
			                 inv->devices.v[d].name, address, port, other->name,
			                 other->address);
		free(own);
	}
	free(wanted);
	return result;
}

static int set_port(struct inventory *inv, size_t d, const char *value, struct err *e)
{
	struct device *device = &inv->devices.v[d];
	int port = 22;
	if (value && (!made_of(value, "0123456789", 5) || atoi(value) < 1 || atoi(value) > 65535))
		return err_set(e, ERR_INPUT, "port: expected a number from 1 to 65535, not \"%s\"",
		               value);
	if (value)
		port = atoi(value);
	if (check_free(inv, d, device->address, port, e) < 0)
		return -1;
	device->port = port;
	return 0;
}

static int set_anchor(struct inventory *inv, size_t d, const char *value, struct err *e)
{
	bool yes = str_eq(value, "yes") || str_eq(value, "true");
	if (value && !yes && !str_eq(value, "no") && !str_eq(value, "false"))
		return err_set(e, ERR_INPUT, "anchor: expected yes or no, not \"%s\"", value);
	inv->devices.v[d].anchor = yes;
	return 0;
}

static int set_text(struct inventory *inv, size_t d, const struct device_field *f,
                    const char *value, struct err *e)
{
	struct device *device = &inv->devices.v[d];
	bool address = strcmp(f->key, "address") == 0;
	if (!value)
		value = address ? device->name : f->fallback;
	if (!value && f->needed)
		return err_set(e, ERR_INPUT, "%s: cannot be empty", f->key);
	if (value && f->check(value, e) < 0)
		return err_at(e, "%s", f->key);
	if (address && check_free(inv, d, value, device->port, e) < 0)
		return -1;
	char *copy = xstrdup(value), **place = device_text(device, f);
	free(*place);
	*place = copy;
	if (place == &device->role)
		device->role_by = ROLE_BY_HAND;
	return 0;
}

int inventory_set(struct inventory *inv, size_t d, const char *field, const char *value,
                  struct err *e)
{
	if (strcmp(field, "port") == 0)
		return set_port(inv, d, value, e);
	if (strcmp(field, "anchor") == 0)
		return set_anchor(inv, d, value, e);
	for (const struct device_field *f = device_fields; f->key; f++)
		if (strcmp(f->key, field) == 0 && strcmp(field, "name") != 0)
			return set_text(inv, d, f, value, e);
	return err_set(e, ERR_INPUT,
	               "\"%s\" cannot be set: role, address, port, credential, site, serial, "
	               "model, platform and anchor can",
	               field);
}
