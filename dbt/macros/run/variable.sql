{#-
  A variable of the run, read from the environment as SLUICE_VAR_<NAME>. Not dbt's own var(): a changed --vars
  throws the parsed project away, a changed environment variable re-reads only the models that use it.
-#}
{% macro variable(name, default='') -%}
    {{ return(env_var('SLUICE_VAR_' ~ name | upper, default)) }}
{%- endmacro %}
