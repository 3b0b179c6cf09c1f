#pragma once
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
