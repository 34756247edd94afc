/* SPDX-License-Identifier: Apache-2.0 */
/* Link: an attachment that ends when it is released. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "loader.h"

struct link {
	struct resource resource;
	struct bpf_link *bpf; /* NULL when fd is the whole of it */
	int fd;
};

static void link_release(struct resource *resource)
{
	struct link *link = (struct link *)resource;

	if (link->bpf)
		bpf_link__destroy(link->bpf);
	else
		close(link->fd);
}

static napi_value link_create(napi_env env, struct bpf_link *bpf, int fd)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link) {
		bpf_link__destroy(bpf);
		if (fd >= 0)
			close(fd);
		return throw_bpf(env, "INGERO_BPF_ATTACH", "calloc", ENOMEM);
	}
	link->bpf = bpf;
	link->fd = fd;
	return resource_wrap(env, &link->resource, RESOURCE_LINK, link_release);
}

napi_value link_wrap(napi_env env, struct bpf_link *link)
{
	return link_create(env, link, -1);
}

napi_value link_wrap_fd(napi_env env, int fd)
{
	return link_create(env, NULL, fd);
}

/* (handles) => void: detaches many links at once; ended ones are passed over. */
napi_value links_close(napi_env env, napi_callback_info info)
{
	napi_value argument;
	uint32_t count;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	NAPI(env, napi_get_array_length(env, argument, &count));
	struct resource **links = calloc((size_t)count + 1, sizeof(*links));

	if (!links)
		return throw_bpf(env, "INGERO_BPF_ATTACH", "calloc", ENOMEM);
	for (uint32_t i = 0; i < count; i++) {
		napi_value handle;

		if (napi_get_element(env, argument, i, &handle) != napi_ok ||
		    napi_get_value_external(env, handle, (void **)&links[i]) != napi_ok ||
		    links[i]->kind != RESOURCE_LINK) {
			free(links);
			return throw_type(env, "not a handle of this kind");
		}
	}
	resources_release_together(links, count);
	free(links);
	return NULL;
}

/* () => handle: the kernel times every program run until the handle is closed. */
napi_value statistics_enable(napi_env env, napi_callback_info info)
{
	(void)info;
	diagnostics_begin();
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	if (fd < 0)
		return throw_bpf(env, "INGERO_BPF_STATISTICS", "bpf(BPF_ENABLE_STATS)", fd);
	return link_wrap_fd(env, fd);
}
