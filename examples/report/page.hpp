#pragma once
#include <string>
#include <vector>

#include "report/runs.hpp"

/// The whole page: an HTML file that asks for no other.
/// \param results  all runs; \param files  where they are from
/// \param title    empty: named after the data
std::string page_of(const support::Results& results, const std::vector<RunsFile>& files, const std::string& title);
