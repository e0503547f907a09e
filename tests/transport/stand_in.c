/* SPDX-License-Identifier: ISC */
/* Until the model's credential.c is here. */
#include "model/credential.h"
void credential_release(struct credential *c)
{
	free(c->name), free(c->user), free(c->key), free(c->systemd);
	for (char **a = c->command; a && *a; a++)
		free(*a);
	free(c->command);
}
