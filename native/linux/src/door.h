/*
 * What every function that JavaScript calls needs: taking its arguments apart and giving a number back, where a negative one
 * is an errno.
 */
#ifndef TCPWB_DOOR_H
#define TCPWB_DOOR_H

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>

#define MOST_ARGUMENTS 5

struct door {
	const char *name;
	napi_callback function;
};

napi_value number(napi_env env, int value);

/* Throws a TypeError: the caller is wrong, not the world. */
napi_value misuse(napi_env env);

/* The arguments, when there are exactly `wanted`. */
bool arguments(napi_env env, napi_callback_info info, napi_value given[MOST_ARGUMENTS], size_t wanted);

bool array_of(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length);

/* An address: 4 or 16 octets. */
bool address_of(napi_env env, napi_value value, uint8_t **octets, size_t *length);

/* What `data` holds, as an object that nothing else can be passed off as; `forget` frees it with the object. */
napi_value wrapped(napi_env env, void *data, const napi_type_tag *tag, napi_finalize forget);
bool unwrapped(napi_env env, napi_value value, const napi_type_tag *tag, void **data);

/* Puts the functions into `exports`. */
bool open_doors(napi_env env, napi_value exports, const struct door *doors, size_t count);

#endif
