/* SPDX-License-Identifier: Apache-2.0 */
/* Lock: an open file's flock(2), which ends with whoever holds it. */
#include <errno.h>
#include <sys/file.h>

#include "loader.h"

/* (fd) => whether it is ours now */
napi_value file_lock(napi_env env, napi_callback_info info)
{
	napi_value argument, result;
	int64_t fd;
	int status;

	if (!read_arguments(env, info, 1, &argument) || !read_int64(env, argument, &fd))
		return NULL;
	do {
		status = flock((int)fd, LOCK_EX | LOCK_NB);
	} while (status && errno == EINTR);
	if (status && errno != EWOULDBLOCK)
		return throw_bpf(env, "INGERO_BPF_LOCK", "lock a file", errno);
	NAPI(env, napi_get_boolean(env, !status, &result));
	return result;
}
