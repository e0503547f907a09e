/* SPDX-License-Identifier: ISC */
/* Ways to break a rule on purpose: each has to be found, else the check that should find it is
 * none. */
#ifndef ENGINE_MUTANTS_H
#define ENGINE_MUTANTS_H

enum mutant {
	MUTANT_NONE,
	MUTANT_INTENT_LOST,     /* intents are not durable */
	MUTANT_OUTCOME_LOST,    /* outcomes are not durable */
	MUTANT_REBOOT_TWICE,    /* a reboot order arrives twice */
	MUTANT_INSTALL_LIE,     /* a failed install says that it is done */
	MUTANT_GROUPS_UNKNOWN,  /* the engine does not know the redundancy groups */
	MUTANT_VERSION_LIE,     /* any boot looks like the new version */
	MUTANT_DRIFT_HIDDEN,    /* another box shows the planned serial number */
	MUTANT_NO_BREAKER,      /* a refused credential is tried again */
	MUTANT_UNDO_LIE,        /* taking back a drain does nothing */
	MUTANT_ROLE_UNLIMITED,  /* the engine does not know the limit of a role */
	MUTANT_REPLY_LOST,      /* a reply never arrives: the job hangs */
	MUTANT_JOURNAL_DIFFERS, /* the journal says something else than the view */
	MUTANT_GO_ON,           /* a failure does not hold the job */
	MUTANT_BATCH,           /* more at a time than asked for */
	MUTANTS
};

#endif
