# Nothing of the booster, whose layers have 257 and 129 outputs, and nothing that trains is in the program that serves.
# Usage: cmake -DNM=... -DPROGRAM=... -P symbols.cmake
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${NM} --demangle ${PROGRAM} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
if(NOT symbols MATCHES "rocket::")
  message(FATAL_ERROR "${PROGRAM} has no symbols to look at.")
endif()
string(REGEX MATCHALL "[^\n]*([<( ](257|129)[,>]|BackwardPass|Trainer|TrainingWorkspace|booster|Booster)[^\n]*" found "${symbols}")
if(found)
  list(JOIN found "\n" found)
  message(FATAL_ERROR "Of the booster, or of training:\n${found}")
endif()
