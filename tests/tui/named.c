/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/tui/named.h"

#include "tui/screens.h"

#include <string.h>

const struct screen *const named_screens[] = {
    &screen_home,    &screen_select,    &screen_review,  &screen_name,        &screen_options, &screen_assign,
    &screen_checks,  &screen_preview,   &screen_confirm, &screen_live,        &screen_cards,
    &screen_results, &screen_compare,   &screen_history, &screen_help,        &screen_log,
    &screen_themes,  &screen_inventory, &screen_images,  &screen_credentials,
    &screen_rehearse, &screen_doctor, &screen_rules, &screen_discover, NULL,
};

const struct screen *screen_named(const char *name)
{
	for (size_t i = 0; named_screens[i]; i++)
		if (strcmp(named_screens[i]->name, name) == 0)
			return named_screens[i];
	return NULL;
}
