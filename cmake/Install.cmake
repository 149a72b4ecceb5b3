include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Headers are the same on every machine, so all that describes them goes to share, not to lib.
set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/rocket)

install(TARGETS rocket ${rocket_parts} EXPORT rocket FILE_SET HEADERS)
install(EXPORT rocket NAMESPACE rocket:: FILE rocket-targets.cmake DESTINATION ${package_dir})

configure_package_config_file(cmake/rocket-config.cmake.in rocket-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(rocket-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/rocket-config.cmake ${PROJECT_BINARY_DIR}/rocket-config-version.cmake
  cmake/FindLibZip.cmake cmake/FindProtozero.cmake
  DESTINATION ${package_dir})

if(ROCKET_OPENMP)
  set(openmp_flag -fopenmp)
endif()
configure_file(cmake/rocket.pc.in rocket.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/rocket.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)

install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/librocket-dev RENAME copyright)

if(PROJECT_IS_TOP_LEVEL)
  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGE_CONTACT "The Rocket authors")
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_DEBIAN_PACKAGE_NAME librocket-dev)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE all)
  set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++ (>= 4:12) | clang (>= 1:14), zlib1g-dev")
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libeigen3-dev, libxtensor-dev, libzip-dev, libprotozero-dev")
  include(CPack)
endif()
