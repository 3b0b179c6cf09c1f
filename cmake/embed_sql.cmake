# crm_embed_sql(TARGET FUNCTION DIR): compiles DIR/*.sql into TARGET as
# `const std::vector<crm::db::Migration>& FUNCTION()`, FUNCTION being qualified ("crm::customer::Migrations").
function(crm_embed_sql target function dir)
  file(GLOB files CONFIGURE_DEPENDS ${dir}/*.sql)
  string(MAKE_C_IDENTIFIER "${function}" file)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${file}.cc)
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${source} -D FUNCTION=${function} "-D FILES=${files}"
            -P ${PROJECT_SOURCE_DIR}/cmake/write_sql.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/write_sql.cmake VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
