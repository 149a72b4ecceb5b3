// What an expression throws, for a test that looks at every part of it.
#pragma once

#include <utility>

#include "support/catch.hpp"

template <class Exception, class Function>
Exception thrown_by(Function&& function) {
  try {
    std::forward<Function>(function)();
  } catch (const Exception& exception) {
    return exception;
  }
  FAIL("nothing was thrown");
  throw;
}
