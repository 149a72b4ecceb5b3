#include "report/html.hpp"

std::string escaped(std::string_view text) {
  std::string all;
  for (const char c : text) {
    if (c == '&')
      all += "&amp;";
    else if (c == '<')
      all += "&lt;";
    else if (c == '>')
      all += "&gt;";
    else if (c == '"')
      all += "&quot;";
    else
      all += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
  }
  return all;
}

std::string element(std::string_view name, std::string_view attributes, std::string_view inside) {
  std::string text{"<"};
  text += name;
  if (!attributes.empty()) (text += ' ') += attributes;
  (text += '>') += inside;
  ((text += "</") += name) += ">\n";
  return text;
}

std::string table_row(const std::vector<std::string>& cells) {
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i)
    row += i == 0 ? element("th", R"(scope="row")", cells[i]) : element("td", "", cells[i]);
  return element("tr", "", row);
}

std::string table(const std::string& caption, const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string names, body;
  for (const std::string& name : head) names += element("th", R"(scope="col")", name);
  for (const auto& row : rows) body += table_row(row);
  return captioned_table("", caption, element("tr", "", names), body);
}

std::string captioned_table(const std::string& kind, const std::string& caption, const std::string& head,
                            const std::string& body) {
  // A caption of the table itself would be as wide, and scroll along.
  const std::string text = caption.empty() ? "" : element("figcaption", "", caption);
  const std::string look = kind.empty() ? "" : "class=\"" + kind + '"';
  return element("figure", R"(class="table")",
                 text + element("div", R"(class="scrolls" tabindex="0")",
                                element("table", look, element("thead", "", head) + element("tbody", "", body))));
}
