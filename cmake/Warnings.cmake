# For Rocket's own programs, never for its users.
add_library(rocket_warnings INTERFACE)
target_compile_options(rocket_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wpedantic $<$<BOOL:${ROCKET_WERROR}>:-Werror>)

# g++ 12 sees uninitialized values in Eigen's AVX-512 code that are not there.
add_library(rocket_warnings_eigen INTERFACE)
target_link_libraries(rocket_warnings_eigen INTERFACE rocket_warnings)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(rocket_warnings_eigen INTERFACE -Wno-maybe-uninitialized)
endif()
