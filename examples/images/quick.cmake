# A quick run of everything: cmake -DPROGRAM=images -DFOLDER=where-to-write -P quick.cmake
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY ${FOLDER})

# run(ARGUMENTS...): must end well.
function(run)
  execute_process(COMMAND ${PROGRAM} ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE complained)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "images ${ARGN}: ended with ${code}\n${said}${complained}")
  endif()
endfunction()

# refuses(TEXT ARGUMENTS...): must end with an error that says TEXT.
function(refuses text)
  execute_process(COMMAND ${PROGRAM} ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE complained)
  if(code EQUAL 0 OR NOT "${said}${complained}" MATCHES "${text}")
    message(FATAL_ERROR "images ${ARGN}: ended with ${code}, expected \"${text}\"\n${said}${complained}")
  endif()
endfunction()

# finds(JSON VALUE PATH...): the file must say so.
function(finds json value)
  file(READ ${json} text)
  string(JSON found GET "${text}" ${ARGN})
  if(NOT found STREQUAL value)
    message(FATAL_ERROR "${json}: ${ARGN} is ${found}, expected ${value}")
  endif()
endfunction()

# The paper's numbers of parameters.
set(json ${FOLDER}/quick.json)
foreach(case IN ITEMS
    cifar10:1:interval:175066:563930:565508 cifar10:2:interval:691674:2243546:2246660
    cifar10:1:bottom:136090:563930:565444 cifar10:2:bottom:535898:2243546:2246532
    cifar100:1:interval:180916:569780:577208 cifar100:2:interval:703284:2255156:2269880
    cifar100:1:bottom:139060:569780:574264 cifar100:2:bottom:541748:2255156:2263992)
  string(REPLACE ":" ";" case ${case})
  list(POP_FRONT case data width sharing light booster joint)
  run(--summary --data ${data} --width ${width} --sharing ${sharing} --json ${json})
  finds(${json} ${light} nets light parameters)
  finds(${json} ${booster} nets booster parameters)
  finds(${json} ${joint} nets joint parameters)
  # Nothing shared: not even the first convolution.
  string(REPLACE interval none sharing ${sharing})
  string(REPLACE bottom bottom-none sharing ${sharing})
  math(EXPR joint "${light} + ${booster}")
  run(--summary --data ${data} --width ${width} --sharing ${sharing} --json ${json})
  finds(${json} ${joint} nets joint parameters)
endforeach()
foreach(sharing IN ITEMS interval bottom none bottom-none)
  foreach(width IN ITEMS 1 2)
    run(--summary --data fashion-mnist --width ${width} --sharing ${sharing})
  endforeach()
endforeach()

refuses("images: .*examples/images/download cifar10" --data cifar10 --data-dir ${FOLDER}/nowhere)
refuses("--mode" --mode base,base)
refuses("--mode at" --sharing bottom --mode at)
refuses("--block light-input" --sharing none --block light-input)
refuses("--schedule" --epochs 10 --schedule 5,20)
refuses("--schedule" --schedule paper,5)
refuses("--block" --block False)

if(NOT EXISTS /usr/share/datasets/fashion-mnist)
  message("Fashion-MNIST isn't installed: nothing is trained")
  return()
endif()

# trains(COUNT ARGUMENTS...): leaves so many runs, and a row an epoch.
function(trains count)
  set(curve ${FOLDER}/quick.csv)
  run(--data fashion-mnist --samples 64 --test-samples 64 --batch 32 --epochs 2 --quiet --json ${json} --curve ${curve}
    ${ARGN})
  file(READ ${json} text)
  string(JSON runs LENGTH "${text}" runs)
  file(STRINGS ${curve} rows)
  list(LENGTH rows lines)
  math(EXPR expected "2 * ${count} + 2")
  if(NOT runs EQUAL count OR NOT lines EQUAL expected)
    message(FATAL_ERROR "images ${ARGN}: ${runs} runs, ${lines} lines; expected ${count}, ${expected}")
  endif()
  list(POP_FRONT rows)
  foreach(row IN LISTS rows)
    if(NOT row MATCHES "^([^,]*,)+[^,]*$")
      message(FATAL_ERROR "${curve}: ${row}")
    endif()
    string(REGEX MATCHALL "," commas "${row}")
    list(LENGTH commas commas)
    if(NOT commas EQUAL 16)
      message(FATAL_ERROR "${curve}: ${commas} commas in ${row}")
    endif()
  endforeach()
endfunction()

trains(8 --mode base,booster,rocket-no-hint,rocket,kd,at,rocket+kd,no-joint)
trains(6 --mode base,rocket,kd,rocket+kd,no-joint --sharing bottom)  # and the booster that they need
trains(2 --mode rocket --sharing none --seeds 2)
trains(3 --mode rocket,rocket+kd --sharing bottom-none --block none)
trains(1 --mode rocket --width 2 --schedule cosine)
foreach(hint IN ITEMS softmax-mse kl hard-label scale-free)
  trains(1 --mode rocket --hint ${hint} --schedule 1)
endforeach()

# A block that is asked for is the block that is used, and a hint that weighs nothing is no hint.
foreach(block IN ITEMS logits none booster-parameters light-input)
  trains(1 --mode rocket --block ${block} --hint-weight 0.3 --schedule constant)
  file(READ ${json} text)
  string(JSON checksum GET "${text}" runs 0 checksum)
  if(checksum IN_LIST checksums)
    message(FATAL_ERROR "--block ${block} trains as another block does")
  endif()
  list(APPEND checksums ${checksum})
endforeach()
trains(2 --mode rocket,rocket-no-hint --hint-weight 0)
file(READ ${json} text)
string(JSON first GET "${text}" runs 0 checksum)
finds(${json} ${first} runs 1 checksum)
