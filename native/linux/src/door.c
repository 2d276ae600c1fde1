#include "door.h"

#include <errno.h>

napi_value number(napi_env env, int value)
{
	napi_value result = NULL;
	napi_create_int32(env, value, &result);
	return result;
}

napi_value misuse(napi_env env)
{
	napi_throw_type_error(env, NULL, "wrong arguments for a native function");
	return NULL;
}

bool arguments(napi_env env, napi_callback_info info, napi_value given[MOST_ARGUMENTS], size_t wanted)
{
	size_t count = MOST_ARGUMENTS;
	return napi_get_cb_info(env, info, &count, given, NULL, NULL) == napi_ok && count == wanted;
}

bool array_of(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length)
{
	napi_typedarray_type type;
	return napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) == napi_ok && type == wanted;
}

bool address_of(napi_env env, napi_value value, uint8_t **octets, size_t *length)
{
	return array_of(env, value, napi_uint8_array, (void **)octets, length) && (*length == 4 || *length == 16);
}

napi_value wrapped(napi_env env, void *data, const napi_type_tag *tag, napi_finalize forget)
{
	napi_value object;
	if (napi_create_object(env, &object) != napi_ok || napi_wrap(env, object, data, forget, NULL, NULL) != napi_ok) {
		forget(env, data, NULL);
		return number(env, -ENOMEM);
	}
	napi_type_tag_object(env, object, tag);
	return object;
}

bool unwrapped(napi_env env, napi_value value, const napi_type_tag *tag, void **data)
{
	bool tagged = false;
	return napi_check_object_type_tag(env, value, tag, &tagged) == napi_ok && tagged && napi_unwrap(env, value, data) == napi_ok;
}

bool open_doors(napi_env env, napi_value exports, const struct door *doors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		napi_value function;
		if (napi_create_function(env, doors[i].name, NAPI_AUTO_LENGTH, doors[i].function, NULL, &function) != napi_ok ||
		    napi_set_named_property(env, exports, doors[i].name, function) != napi_ok)
			return false;
	}
	return true;
}
