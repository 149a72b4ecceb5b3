#include "net.hpp"

std::size_t parameters(const Net&) { return Net::parameters; }
