/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: what libbpf prints is collected per thread and travels in the exception. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

/*
 * libbpf retries a failed load with a growing buffer until the whole verifier log fits, then prints it in one message.
 * A program that reaches the verifier's limit of a million instructions leaves some 100 MB; V8 refuses strings over
 * 512 MiB.
 */
#define DIAGNOSTICS_LIMIT (400u << 20)
#define DIAGNOSTICS_SPARE 4096 /* room for the short messages that follow, so that few of them reallocate */

static _Thread_local struct {
	char *text;
	size_t length;
	size_t capacity;
} diagnostics;

void diagnostics_end(void)
{
	free(diagnostics.text);
	memset(&diagnostics, 0, sizeof(diagnostics));
}

void diagnostics_begin(void)
{
	diagnostics_end();
}

static bool diagnostics_reserve(size_t extra)
{
	size_t needed = diagnostics.length + extra + 1;

	if (needed <= diagnostics.capacity)
		return true;
	if (needed > DIAGNOSTICS_LIMIT)
		return false;
	size_t capacity = needed + DIAGNOSTICS_SPARE;
	char *text = realloc(diagnostics.text, capacity);

	if (!text)
		return false;
	diagnostics.text = text;
	diagnostics.capacity = capacity;
	return true;
}

static int diagnostics_print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_DEBUG)
		return 0;
	va_list measured;

	va_copy(measured, arguments);
	int length = vsnprintf(NULL, 0, format, measured);

	va_end(measured);
	if (length <= 0 || !diagnostics_reserve((size_t)length))
		return 0;
	vsnprintf(diagnostics.text + diagnostics.length, (size_t)length + 1, format, arguments);
	diagnostics.length += (size_t)length;
	return length;
}

void diagnostics_install(void)
{
	libbpf_set_print(diagnostics_print);
}

static bool exception_pending(napi_env env)
{
	bool pending = false;

	return napi_is_exception_pending(env, &pending) == napi_ok && pending;
}

napi_value throw_status(napi_env env, napi_status status, const char *call)
{
	char message[160];

	if (exception_pending(env))
		return NULL;
	snprintf(message, sizeof(message), "Node-API status %d from %s", (int)status, call);
	napi_throw_error(env, NULL, message);
	return NULL;
}

napi_value throw_bpf(napi_env env, const char *code, const char *operation, int error_number)
{
	struct environment *environment;
	napi_value factory, receiver, error, arguments[4];

	if (exception_pending(env))
		return NULL;
	NAPI(env, napi_get_instance_data(env, (void **)&environment));
	NAPI(env, napi_get_reference_value(env, environment->error_factory, &factory));
	NAPI(env, napi_get_undefined(env, &receiver));
	NAPI(env, napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &arguments[0]));
	NAPI(env, napi_create_string_utf8(env, operation, NAPI_AUTO_LENGTH, &arguments[1]));
	NAPI(env, napi_create_int32(env, error_number < 0 ? -error_number : error_number, &arguments[2]));
	NAPI(env, napi_create_string_utf8(env, diagnostics.text ? diagnostics.text : "", diagnostics.length,
					  &arguments[3]));
	diagnostics_end();
	NAPI(env, napi_call_function(env, receiver, factory, 4, arguments, &error));
	napi_throw(env, error);
	return NULL;
}

static void throw_formatted(napi_env env, napi_status (*throw_error)(napi_env, const char *, const char *),
			    const char *format, va_list arguments)
{
	char message[256];

	if (exception_pending(env))
		return;
	vsnprintf(message, sizeof(message), format, arguments);
	throw_error(env, NULL, message);
}

napi_value throw_type(napi_env env, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	throw_formatted(env, napi_throw_type_error, format, arguments);
	va_end(arguments);
	return NULL;
}

napi_value throw_range(napi_env env, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	throw_formatted(env, napi_throw_range_error, format, arguments);
	va_end(arguments);
	return NULL;
}
