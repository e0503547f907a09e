/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/fiber.h"

#include "base/vec.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define SWITCH_START(save, stack, size)  __sanitizer_start_switch_fiber(save, stack, size)
#define SWITCH_FINISH(save, stack, size) __sanitizer_finish_switch_fiber(save, stack, size)
#else
#define SWITCH_START(save, stack, size)  ((void)(save), (void)(stack), (void)(size))
#define SWITCH_FINISH(save, stack, size) ((void)(save), (void)(stack), (void)(size))
#endif

enum { STACK_SIZE = 512 * 1024 }; /* only the touched pages cost memory */

struct fiber_pool {
	VEC(char *) stacks;
};

struct fiber {
	struct fiber_pool *pool;
	char *stack;
	ucontext_t inside, outside;
	void (*run)(void *arg);
	void *arg;
	bool ended;
	void *fake_inside, *fake_outside; /* for the address sanitiser */
	const void *outside_stack;
	size_t outside_size;
};

struct fiber_pool *fiber_pool_new(void)
{
	return xcalloc(1, sizeof(struct fiber_pool));
}

void fiber_pool_free(struct fiber_pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->stacks.n; i++)
		(void)munmap(pool->stacks.v[i], STACK_SIZE);
	VEC_RELEASE(&pool->stacks);
	free(pool);
}

static char *stack_get(struct fiber_pool *pool)
{
	if (pool->stacks.n)
		return pool->stacks.v[--pool->stacks.n];
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (stack == MAP_FAILED || mprotect(stack, 4096, PROT_NONE))
		abort();
	return stack;
}

/* makecontext() passes only ints: the pointer comes in two halves. */
static void start(unsigned high, unsigned low)
{
	struct fiber *f = (struct fiber *)(((uintptr_t)high << 32) | (uintptr_t)low);
	SWITCH_FINISH(NULL, &f->outside_stack, &f->outside_size);
	f->run(f->arg);
	f->ended = true;
	SWITCH_START(NULL, f->outside_stack, f->outside_size);
	(void)swapcontext(&f->inside, &f->outside);
}

struct fiber *fiber_new(struct fiber_pool *pool, void (*run)(void *arg), void *arg)
{
	struct fiber *f = xcalloc(1, sizeof(*f));
	f->pool = pool;
	f->stack = stack_get(pool);
	f->run = run;
	f->arg = arg;
	if (getcontext(&f->inside))
		abort();
	f->inside.uc_stack.ss_sp = f->stack;
	f->inside.uc_stack.ss_size = STACK_SIZE;
	f->inside.uc_link = NULL;
	uint64_t address = (uint64_t)(uintptr_t)f;
	makecontext(&f->inside, (void (*)(void))start, 2, (unsigned)(address >> 32),
		    (unsigned)address);
	return f;
}

bool fiber_resume(struct fiber *f)
{
	SWITCH_START(&f->fake_outside, f->stack, STACK_SIZE);
	if (swapcontext(&f->outside, &f->inside))
		abort();
	SWITCH_FINISH(f->fake_outside, NULL, NULL);
	return f->ended;
}

void fiber_yield(struct fiber *f)
{
	SWITCH_START(&f->fake_inside, f->outside_stack, f->outside_size);
	if (swapcontext(&f->inside, &f->outside))
		abort();
	SWITCH_FINISH(f->fake_inside, &f->outside_stack, &f->outside_size);
}

void fiber_free(struct fiber *f)
{
	if (!f)
		return;
	VEC_PUSH(&f->pool->stacks, f->stack);
	free(f);
}

size_t fiber_stack_left(const struct fiber *f)
{
	char here;
	volatile char *at = &here;
	if ((char *)at < f->stack || (char *)at >= f->stack + STACK_SIZE)
		return SIZE_MAX; /* a sanitiser moved our variables elsewhere */
	return (size_t)((char *)at - f->stack);
}
