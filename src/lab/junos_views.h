/* SPDX-License-Identifier: ISC */
/* Views of chassis and protocols. root is NULL for text. */
#ifndef LAB_JUNOS_VIEWS_H
#define LAB_JUNOS_VIEWS_H

#include "lab/junos.h"

#define JUNOS_EPOCH 1604000000LL /* what the lab's time 0 is */

const char *junos_time(int64_t at, char text[64]); /* lab time as Junos writes it; text */
char *junos_link_address(const struct device *dev, int port, bool far); /* new */

typedef void junos_view(struct jcli *c, cJSON *root, const char *rest);
junos_view view_system_alarms, view_chassis_alarms, view_routing_engine, view_fpc, view_pics, view_processes, view_all_processes,
    view_core_dumps;
junos_view view_bgp_summary, view_bgp_neighbor, view_lacp, view_evpn, view_lldp, view_terse,
    view_extensive, view_routes, view_macs, view_switching;
/* srx_show.c: of a chassis cluster */
junos_view view_cluster_status, view_cluster_interfaces, view_cluster_information,
    view_cluster_issu, view_cluster_config_sync, view_cluster_statistics, view_cluster_data_plane;

/* srx_traffic.c */
junos_view view_sessions, view_zones, view_policies, view_srx_routes;

#endif
