/* SPDX-License-Identifier: ISC */
/* Views of the chassis: alarms, routing engine, line cards. */
#include "config.h"

#include "lab/junos_views.h"

#include <stdlib.h>
#include <string.h>

/* --- alarms ------------------------------------------------------------------------------------ */
struct alarm {
	const char *class, *text;
};

static void alarms(struct jcli *c, cJSON *root, const struct alarm *list, size_t n)
{
	char at[64];
	junos_time(c->dev->up_at, at);
	if (root) {
		cJSON *v = jnode(root, "alarm-information");
		cJSON *summary = jnode(v, "alarm-summary");
		if (n)
			jleaf(summary, "active-alarm-count", "%zu", n);
		else
			(void)jnode(summary, "no-active-alarms");
		for (size_t i = 0; i < n; i++) {
			cJSON *row = jnode(v, "alarm-detail");
			jseconds(row, "alarm-time", JUNOS_EPOCH + c->dev->up_at / 1000, at);
			jleaf(row, "alarm-class", "%s", list[i].class);
			jleaf(row, "alarm-description", "%s", list[i].text);
		}
		return;
	}
	if (!n) {
		blob_puts(c->out, "No alarms currently active\n");
		return;
	}
	blob_printf(c->out, "%zu alarms currently active\n%-25s%-7s%s\n", n, "Alarm time", "Class",
		    "Description");
	for (size_t i = 0; i < n; i++)
		blob_printf(c->out, "%-25s%-7s%s\n", at, list[i].class, list[i].text);
}

void view_system_alarms(struct jcli *c, cJSON *root, const char *rest)
{
	static const struct alarm rescue = {"Minor", "Rescue configuration is not set"};
	static const struct alarm major = {"Major", "Host 0 /var partition usage crossed critical"};
	struct alarm list[2];
	size_t n = 0;
	(void)rest;
	if (fault_on(c->dev, "rescue-alarm"))
		list[n++] = rescue;
	if (fault_on(c->dev, "system-alarm"))
		list[n++] = major;
	alarms(c, root, list, n);
}

void view_chassis_alarms(struct jcli *c, cJSON *root, const char *rest)
{
	static const struct alarm fan = {"Major", "FPC 0 Fan Tray 0 Failure"};
	(void)rest;
	alarms(c, root, &fan, fault_on(c->dev, "chassis-alarm") ? 1 : 0);
}

/* --- processors -------------------------------------------------------------------------------- */

/* The number of a fault, or what is normal. */
static int level(struct jcli *c, const char *fault, int bad, int normal)
{
	struct fault *f = fault_get(c->dev, fault, false);
	return !f ? normal : f->arg ? atoi(f->arg) : bad;
}

void view_routing_engine(struct jcli *c, cJSON *root, const char *rest)
{
	int idle = level(c, "cpu-busy", 12, 88);
	(void)rest;
	if (root) {
		cJSON *re = jnode(jnode(root, "route-engine-information"), "route-engine");
		jleaf(re, "slot", "0");
		jleaf(re, "mastership-state", "master");
		jleaf(re, "status", "OK");
		jleaf(re, "memory-buffer-utilization", "19");
		jleaf(re, "cpu-user", "%d", (100 - idle) / 2);
		jleaf(re, "cpu-background", "0");
		jleaf(re, "cpu-system", "%d", 100 - idle - (100 - idle) / 2);
		jleaf(re, "cpu-interrupt", "0");
		jleaf(re, "cpu-idle", "%d", idle);
		jleaf(re, "model", "RE-%s", c->dev->platform->product);
		return;
	}
	blob_printf(c->out,
		    "Routing Engine status:\n  Slot 0:\n"
		    "    Current state                  Master\n"
		    "    Memory utilization          19 percent\n"
		    "    5 sec CPU utilization:\n"
		    "      User                      %2d percent\n"
		    "      Kernel                    %2d percent\n"
		    "      Interrupt                  0 percent\n"
		    "      Idle                      %2d percent\n",
		    (100 - idle) / 2, 100 - idle - (100 - idle) / 2, idle);
}

void view_fpc(struct jcli *c, cJSON *root, const char *rest)
{
	bool online = service_active(c->dev, SERVICE_SWITCHD);
	int cpu = level(c, "fpc-busy", 83, 11), heap = level(c, "fpc-heap", 71, 24);
	(void)rest;
	if (root) {
		cJSON *fpc = jnode(jnode(root, "fpc-information"), "fpc");
		jleaf(fpc, "slot", "0");
		jleaf(fpc, "state", "%s", online ? "Online" : "Present");
		if (!online)
			return;
		jleaf(fpc, "cpu-total", "%d", cpu);
		jleaf(fpc, "cpu-1min-avg", "%d", cpu);
		jleaf(fpc, "cpu-5min-avg", "%d", cpu);
		jleaf(fpc, "cpu-15min-avg", "%d", cpu);
		jleaf(fpc, "memory-dram-size", "1953");
		jleaf(fpc, "memory-heap-utilization", "%d", heap);
		jleaf(fpc, "memory-buffer-utilization", "40");
		return;
	}
	blob_puts(c->out,
		  "                     Temp  CPU Utilization (%)   CPU Utilization (%)  Memory    "
		  "Utilization (%)\n"
		  "Slot State            (C)  Total  Interrupt      1min   5min   15min  DRAM (MB) "
		  "Heap     Buffer\n");
	if (online)
		blob_printf(c->out,
			    "  0  Online            46     %2d          0       %2d     %2d      %2d    "
			    "1953       %2d         40\n",
			    cpu, cpu, cpu, cpu, heap);
	else
		blob_puts(c->out, "  0  Present           --\n");
}

void view_pics(struct jcli *c, cJSON *root, const char *rest)
{
	bool online = service_active(c->dev, SERVICE_SWITCHD);
	(void)rest;
	if (root) {
		cJSON *fpc = jnode(jnode(root, "fpc-information"), "fpc");
		jleaf(fpc, "slot", "0");
		jleaf(fpc, "state", "%s", online ? "Online" : "Present");
		jleaf(fpc, "description", "%s", c->dev->platform->product);
		if (!online)
			return;
		cJSON *pic = jnode(fpc, "pic");
		jleaf(pic, "pic-slot", "0");
		jleaf(pic, "pic-state", "Online");
		jleaf(pic, "pic-type", "48x25G-8x100G");
		if (fault_on(c->dev, "pic-offline")) {
			pic = jnode(fpc, "pic");
			jleaf(pic, "pic-slot", "1");
			jleaf(pic, "pic-state", "Offline");
		}
		return;
	}
	blob_printf(c->out, "Slot 0   %-12s %s\n", online ? "Online" : "Present",
		    c->dev->platform->product);
	if (online)
		blob_printf(c->out, "  PIC 0  Online       48x25G-8x100G\n%s",
			    fault_on(c->dev, "pic-offline") ? "  PIC 1  Offline\n" : "");
}

/* --- processes ----------------------------------------------------------------------------------- */
void view_processes(struct jcli *c, cJSON *root, const char *rest)
{
	int idle = level(c, "cpu-busy", 12, 88);
	(void)root, (void)rest;
	blob_printf(c->out,
		    "last pid: 24931;  load averages:  0.89,  0.94,  0.81  up 41+06:26:24    "
		    "00:51:55\n"
		    "545 threads:   9 running, 481 sleeping, 1 zombie, 54 waiting\n"
		    "CPU: %4.1f%% user,  0.0%% nice,  %3.1f%% system,  0.2%% interrupt, %4.1f%% idle\n\n"
		    "  PID USERNAME   PRI NICE   SIZE    RES STATE   C   TIME    WCPU COMMAND\n"
		    " 2011 root        20    0   740M   110M select  0  11:21   0.00%% chassisd\n"
		    " 2039 root        20    0   731M    22M select  1   2:17   0.00%% jsrpd\n"
		    " 2040 root        20    0   729M    17M select  1   0:44   0.00%% ksyncd\n"
		    " 2115 root        20    0   830M    91M kqread  0   5:02   0.00%% rpd\n"
		    " 1994 root        20    0   763M    40M select  1   3:09   0.00%% mgd\n",
		    (99.8 - idle) * 0.7, (99.8 - idle) * 0.3, (double)idle);
}

/* What ps says, with the whole command lines: an installer that was started goes on without its session. */
void view_all_processes(struct jcli *c, cJSON *root, const char *rest)
{
	(void)root, (void)rest;
	blob_puts(c->out, "  PID  TT  STAT      TIME COMMAND\n"
			  "    1  -  ILs    0:01.92 /sbin/init --\n"
			  " 1994  -  S      3:09.04 /usr/sbin/mgd -N\n"
			  " 2011  -  S     11:21.31 /usr/sbin/chassisd -N\n"
			  " 2115  -  S      5:02.17 /usr/sbin/rpd -N\n");
	if (c->j->adding)
		blob_printf(c->out,
			    "17653  -  S      0:00.12 /bin/sh /usr/libexec/ui/package -X update "
			    "-no-validate %s\n",
			    c->j->adding_file ? c->j->adding_file : "");
}

void view_core_dumps(struct jcli *c, cJSON *root, const char *rest)
{
	(void)root, (void)rest;
	blob_puts(c->out, "/var/crash/*core*: No such file or directory\n"
			  "/var/tmp/*core*: No such file or directory\n");
}
