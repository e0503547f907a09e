/* SPDX-License-Identifier: ISC */
/* Inside of the preview, for preview*.c. */
#ifndef TUI_PREVIEW_PARTS_H
#define TUI_PREVIEW_PARTS_H

#include "tui/canvas.h"

#include "model/jobview.h"

struct preview {
	bool chosen;         /* a batch is, else the plan as a whole */
	size_t stage, batch; /* which */
	int64_t seq;         /* up to this record the picture is */
	char *job;
	size_t through; /* how many were through, with their attempts, when it was compared */
	int comparison; /* what that gave, for preview_side.c */
};

/* v has a plan; open: it may still be gone on with. */
void preview_draw(const struct preview *p, const struct jobview *v, bool open,
		  const struct canvas *c);

/* The box on the left (right): what comes before (after) the stages, and how it went. */
void preview_side(const struct preview *p, const struct jobview *v, const struct canvas *c,
		  bool after);

/* Compare the snapshots again when other devices are through; v NULL: none are. */
void preview_compare(struct preview *p, const struct jobview *v);

#endif
