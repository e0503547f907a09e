/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/key.h"

#include "base/str.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	keycode key;
} names[] = {
    {"Up", K_UP},         {"Down", K_DOWN},           {"Left", K_LEFT},
    {"Right", K_RIGHT},   {"PgUp", K_PAGE_UP},        {"PgDn", K_PAGE_DOWN},
    {"Home", K_HOME},     {"End", K_END},             {"Ins", K_INSERT},
    {"Del", K_DELETE},    {"Backspace", K_BACKSPACE}, {"Enter", K_ENTER},
    {"Esc", K_ESC},       {"Tab", K_TAB},             {"S-Tab", K_BACKTAB},
    {"Space", ' '},       {"F1", K_F1},               {"F2", K_F1 + 1},
    {"F3", K_F1 + 2},     {"F4", K_F1 + 3},           {"F5", K_F1 + 4},
    {"F6", K_F1 + 5},     {"F7", K_F1 + 6},           {"F8", K_F1 + 7},
    {"F9", K_F1 + 8},     {"F10", K_F1 + 9},          {"F11", K_F1 + 10},
    {"F12", K_F1 + 11},
};

/* A code point as UTF-8; gives the bytes. */
static size_t encode(keycode c, char *to)
{
	if (c < 0x80)
		return to[0] = (char)c, 1;
	if (c < 0x800)
		return to[0] = (char)(0xc0 | c >> 6), to[1] = (char)(0x80 | (c & 63)), 2;
	if (c < 0x10000)
		return to[0] = (char)(0xe0 | c >> 12), to[1] = (char)(0x80 | (c >> 6 & 63)),
		       to[2] = (char)(0x80 | (c & 63)), 3;
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 63));
	to[2] = (char)(0x80 | (c >> 6 & 63));
	to[3] = (char)(0x80 | (c & 63));
	return 4;
}

void key_text(keycode key, char text[16])
{
	for (size_t i = 0; i < LEN(names); i++)
		if (names[i].key == key) {
			snprintf(text, 16, "%s", names[i].name);
			return;
		}
	if (key > 0 && key < 32)
		snprintf(text, 16, "^%c", '@' + (int)key);
	else if (key_is_text(key))
		text[encode(key, text)] = '\0';
	else
		snprintf(text, 16, "?");
}

keycode key_parse(const char *name)
{
	size_t used, n = strlen(name);
	for (size_t i = 0; i < LEN(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].key;
	if (n == 2 && name[0] == '^' && name[1] >= '@' && name[1] <= '_')
		return name[1] - '@';
	if (n == 0)
		return -1;
	int32_t c = utf8_decode(name, n, &used);
	return c > 0 && used == n ? c : -1;
}

bool key_in(const char *list, keycode key)
{
	char one[16];
	while (list && *list) {
		size_t n = strcspn(list, " ");
		if (n && n < sizeof(one)) {
			memcpy(one, list, n);
			one[n] = '\0';
			if (key_parse(one) == key)
				return true;
		}
		list += n + strspn(list + n, " ");
	}
	return false;
}

void key_first(const char *list, char text[16])
{
	size_t n = strcspn(list, " ");
	snprintf(text, 16, "%.*s", (int)(n < 15 ? n : 15), list);
}

bool key_is_text(keycode key)
{
	return key >= 32 && key != 127 && key < 0x110000 && !(key >= 0x80 && key < 0xa0);
}
