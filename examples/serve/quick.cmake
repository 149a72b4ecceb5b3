# Requests, sound and not, what each is answered; and many threads that score at once.
# Usage: cmake -DPROGRAM=... -DFOLDER=... -P quick.cmake; the net is FOLDER/../ranker.safetensors
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY ${FOLDER})
set(net --net ${FOLDER}/../ranker.safetensors)

set(requests "")
set(answers "^")
# A line in, and the pattern of the line out.
macro(exchange request answer)
  string(APPEND requests "${request}\n")
  string(APPEND answers "${answer}\n")
endmacro()
exchange([[{"user": 17, "likes": [3, 4], "hour": 0.5, "candidates": [{"item": 5, "price": 0.3}, {"item": 7}, {}]}]]
  [[{"logits":.-?[0-9.e-]+,-?[0-9.e-]+,-?[0-9.e-]+.}]])
exchange([[{"candidates": []}]]
  [[{"logits":..}]])
exchange([[{"user": 17, "shop": 3, "candidates": []}]]
  [[{"error":"request: expected members that are fields, found ..shop.."}]])
exchange([[{"user": 1000, "candidates": [{"item": 5}]}]]
  [[{"error":"request, field user: expected a row in .0, 1000., found 1000"}]])
exchange([[{"user": 1, "candidates": [{"item": 5}, {"item": 500}]}]]
  [[{"error":"candidate 1, field item: expected a row in .0, 500., found 500"}]])
exchange([[{"user": -1, "candidates": []}]]
  [[{"error":"request, field user: expected a row, found -1"}]])
exchange([[{"likes": 3, "candidates": []}]]
  [[{"error":"request, field likes: expected a list of at most 20, found 3"}]])
exchange([[{"hour": "noon", "candidates": []}]]
  [[{"error":"request, field hour: expected a number, found ..noon.."}]])
exchange([[{"candidates": [{"item": 5}, {"price": "3"}]}]]
  [[{"error":"candidate 1, field price: expected a number, found ..3.."}]])
exchange([[{"candidates": [{"item": 5}, 5]}]]
  [[{"error":"candidate 1: expected an object, found 5"}]])
exchange([[{"candidates": [{"item": 5}, {"itm": 5}]}]]
  [[{"error":"candidate 1: expected members that are fields, found ..itm.."}]])
exchange([[{"user": 1}]]
  [[{"error":"candidates: expected a list of objects, found null"}]])
exchange([[no JSON]]
  [[{"error":".*parse error.*"}]])
string(ASCII 255 no_utf8)
exchange("\"${no_utf8}\"" [[{"error":".*"}]])
exchange([[{"candidates": []}]] [[{"logits":..}]])
file(WRITE ${FOLDER}/requests "${requests}")
execute_process(COMMAND ${PROGRAM} ${net} INPUT_FILE ${FOLDER}/requests OUTPUT_VARIABLE output ERROR_VARIABLE error
  RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR NOT output MATCHES "${answers}$")
  message(FATAL_ERROR "${result}: ${error}\n${output}\nExpected:\n${answers}")
endif()

execute_process(COMMAND ${PROGRAM} ${net} --load 2000 --candidates 70 --threads 4 OUTPUT_VARIABLE output
  ERROR_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR NOT output MATCHES "2000 requests of 70 candidates, 4 threads: .* answers as before")
  message(FATAL_ERROR "${result}: ${output}")
endif()

file(WRITE ${FOLDER}/no_net "{}")
execute_process(COMMAND ${PROGRAM} --net ${FOLDER}/no_net OUTPUT_QUIET ERROR_VARIABLE error RESULT_VARIABLE result)
if(result EQUAL 0 OR NOT error MATCHES "serve: .*no_net: ")
  message(FATAL_ERROR "No net gets ${result}: ${error}")
endif()
