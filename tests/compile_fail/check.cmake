# Compiles SOURCE twice, with the header EVERYTHING before it:
# - with ROCKET_CONTROL defined it must compile, so that what fails without it fails for the reason given;
# - without, it must not, and what the compiler says up to the end of its first error must match the regular expression
#   of each line `// expect: REGEX` in the file.
set(compile ${COMPILER} -std=c++20 -fsyntax-only -I ${INCLUDE} -I ${EIGEN_INCLUDE} -include ${EVERYTHING} ${SOURCE})

execute_process(COMMAND ${compile} -DROCKET_CONTROL RESULT_VARIABLE result ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "The good code does not compile:\n${output}")
endif()

execute_process(COMMAND ${compile} RESULT_VARIABLE result ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "The bad code compiles.")
endif()

# Here a line is the first one with an error, or stands before it.
string(FIND "${output}" "error:" error)
string(SUBSTRING "${output}" ${error} -1 rest)
string(FIND "${rest}" "\n" line_end)
math(EXPR end "${error} + ${line_end}")
string(SUBSTRING "${output}" 0 ${end} answer)

file(STRINGS ${SOURCE} expectations REGEX "^// expect: ")
if(NOT expectations)
  message(FATAL_ERROR "The file expects nothing.")
endif()
list(TRANSFORM expectations REPLACE "^// expect: " "")
foreach(expectation IN LISTS expectations)
  if(NOT answer MATCHES "${expectation}")
    message(FATAL_ERROR "Expected: ${expectation}\nGot:\n${answer}")
  endif()
endforeach()
