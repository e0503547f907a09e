/* SPDX-License-Identifier: ISC */
/* First contact: the fingerprints of devices that nothing is known about, all at once, for one
 * approval. A host that is known by another key is never added here. */
#include "config.h"

#include "cli/devices.h"

#include "base/path.h"
#include "base/utf8.h"
#include "model/json.h"
#include "transport/known_hosts.h"
#include "transport/ssh.h"

#include <stdlib.h>
#include <string.h>

#define SCAN_MS      10000
#define SCAN_THREADS 64
#define KNOWN_LIMIT  ((size_t)16 * 1024 * 1024)

struct seen {
	const struct device *device;
	char fingerprint[64];
	char *line;
	enum known_host verdict;
	struct err e; /* why there is no key */
};

struct scan {
	VEC(struct seen) list;
	size_t fresh, bad;
};

static void release(struct scan *s)
{
	for (size_t i = 0; i < s->list.n; i++)
		free(s->list.v[i].line);
	VEC_RELEASE(&s->list);
}

/* The line is "name type base64". */
static int judge(struct cli *c, struct known_hosts *known, struct seen *s)
{
	size_t n;
	char **words = str_split(s->line, " \n", &n);
	int rc = n < 3 ? err_set(&c->e, ERR_CORRUPT, "%s: no host key line", s->device->name)
		       : known_hosts_check(known, s->device->address, s->device->port, words[1],
					   words[2], &s->verdict, &c->e);
	free(words);
	return rc;
}

static int add_seen(struct cli *c, struct known_hosts *known, struct scan *out,
		    const struct device *d, struct ssh_scanned *from)
{
	struct seen s = {.device = d, .line = from->line, .e = from->e};
	memcpy(s.fingerprint, from->fingerprint, sizeof(s.fingerprint));
	from->line = NULL;
	if (s.line) {
		if (judge(c, known, &s) != 0) {
			free(s.line);
			return -1;
		}
		out->fresh += s.verdict == KNOWN_NOT;
	}
	out->bad += s.e.kind != ERR_NONE || (s.verdict != KNOWN_NOT && s.verdict != KNOWN_OK);
	VEC_PUSH(&out->list, s);
	return 0;
}

/* All at once: a device that does not answer costs its time only once for all of its kind. */
static int scan_chosen(struct cli *c, const struct inventory *inv, const size_t *chosen, size_t n,
		       struct scan *out)
{
	char **files = devices_known_hosts(c);
	struct known_hosts *known = known_hosts_new(files);
	struct ssh_scanned *list = xcalloc(n + 1, sizeof(*list));
	int rc = 0;
	for (size_t i = 0; i < n; i++) {
		list[i].address = inv->devices.v[chosen[i]].address;
		list[i].port = inv->devices.v[chosen[i]].port;
	}
	ssh_scan_all(list, n, SCAN_THREADS, SCAN_MS);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = add_seen(c, known, out, &inv->devices.v[chosen[i]], &list[i]);
		free(list[i].line);
	}
	free(list);
	known_hosts_free(known);
	strings_free(files);
	return rc;
}

static int scan_all(struct cli *c, const struct inventory *inv, struct scan *out)
{
	const char *hosts = cli_option(c, "--hosts");
	size_t *chosen = NULL, n = 0;
	if (inventory_select(inv, hosts ? hosts : "*", &chosen, &n, &c->e) != 0)
		return -1;
	int rc = scan_chosen(c, inv, chosen, n, out);
	free(chosen);
	return rc;
}

static const char *verdict_word(const struct seen *s)
{
	static const char *const words[] = {[KNOWN_CHANGED] = N_("CHANGED"),
					    [KNOWN_NOT] = N_("new"),
					    [KNOWN_REVOKED] = N_("REVOKED"),
					    [KNOWN_UNSUPPORTED] = N_("unsupported"),
					    [KNOWN_OK] = N_("known")};
	return s->e.kind != ERR_NONE ? N_("no answer") : words[s->verdict];
}

static void put_scan(struct cli *c, const struct scan *s)
{
	static const char *const titles[] = {N_("DEVICE"), N_("ADDRESS"), N_("HOST KEY"),
					     N_("FINGERPRINT")};
	cJSON *rows = c->json ? cJSON_CreateArray() : NULL;
	struct table t;
	if (!c->json)
		table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < s->list.n; i++) {
		const struct seen *k = &s->list.v[i];
		const char *detail = k->e.kind != ERR_NONE ? k->e.text : k->fingerprint;
		if (!c->json) {
			table_cell(&t, k->device->name);
			table_cellf(&t, "%s port %d", k->device->address, k->device->port);
			table_cell(&t, _(verdict_word(k)));
			table_cell(&t, detail);
			continue;
		}
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "device", k->device->name);
		json_put_text(o, "verdict", verdict_word(k));
		json_put_text(o, k->e.kind != ERR_NONE ? "error" : "fingerprint", detail);
		json_append(rows, o);
	}
	if (c->json)
		put_list(rows, "host_keys");
	else
		table_print(&t, stdout);
}

static int write_known(struct cli *c, const struct scan *s)
{
	struct str text = {0};
	char *path = cli_path(c, "known_hosts");
	int rc = !path_exists(path) ? 0 : path_read(path, KNOWN_LIMIT, &text, &c->e);
	if (text.len && text.buf[text.len - 1] != '\n')
		str_putc(&text, '\n');
	for (size_t i = 0; i < s->list.n; i++) {
		const struct seen *k = &s->list.v[i];
		if (k->e.kind == ERR_NONE && k->verdict == KNOWN_NOT)
			str_printf(&text, "%.*s\n", (int)strcspn(k->line, "\n"), k->line);
	}
	if (rc == 0)
		rc = path_write(path, str_text(&text), text.len, &c->e);
	str_release(&text);
	free(path);
	return rc;
}

static bool approved(struct cli *c)
{
	char answer[16];
	if (cli_flag(c, "--accept"))
		return true;
	if (!c->in_tty || c->json)
		return false;
	fputs(_("Compare these with what you know. Add all new keys? Type yes: "), stderr);
	return fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0;
}

static int finish(struct cli *c, const struct scan *s)
{
	put_scan(c, s);
	if (s->fresh && !approved(c)) {
		remark(c, _("%zu new keys, none added; --accept adds them"), s->fresh);
		return EXIT_HELD;
	}
	if (s->fresh && write_known(c, s) != 0)
		return cli_fail(c);
	if (s->fresh)
		tell(c, _("%zu host keys added"), s->fresh);
	return s->bad ? EXIT_UNREACHABLE : EXIT_DONE;
}

static int scan(struct cli *c)
{
	struct scan s = {0};
	struct inventory *inv = cli_inventory(c);
	int rc = inv && scan_all(c, inv, &s) == 0 ? finish(c, &s) : cli_fail(c);
	release(&s);
	inventory_free(inv);
	return rc;
}

static const struct option scan_options[] = {
    {"--hosts", "PATTERNS", N_("devices (all)"), false},
    {"--accept", NULL, N_("add the new keys without a question"), false},
    {0},
};

const struct verb verbs_host_key[] = {
    {"host-key scan", "", N_("show host keys that are not known yet, and add them"), scan_options,
     0, 0, .run = scan,
     .more = N_("Exit status 4 when there are new keys and nobody approved them; 5 when a device\n"
		"did not answer or showed another key than the known one (never added).")},
    {0},
};
