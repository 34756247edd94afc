/* SPDX-License-Identifier: Apache-2.0 */
/* An addon that forgets memory: the leak checker must find it, or it finds nothing. */
#include <stdlib.h>

#include <node_api.h>

NAPI_MODULE_INIT()
{
	void *volatile forgotten = malloc(1234);

	(void)env;
	forgotten = NULL;
	(void)forgotten;
	return exports;
}
