/* The socket calls as JavaScript sees them: a socket is an object that closes with itself, never a number. */
#ifndef TCPWB_SOCKET_DOOR_H
#define TCPWB_SOCKET_DOOR_H

#include <node_api.h>
#include <stdbool.h>

bool open_socket_doors(napi_env env, napi_value exports);

#endif
