{#-
  The schema that a model's folder says: `models/<pipeline>/marts` is in the schema of the pipeline's name, `staging` and
  `intermediate` beside it in `<pipeline>_staging` and `<pipeline>_intermediate`. A schema that a model names itself is taken as it is.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set folders = node.fqn[1:-1] -%}
    {%- if custom_schema_name is not none -%}
        {{ custom_schema_name | trim }}
    {%- elif folders and folders[1:2] and folders[1] in ['staging', 'intermediate'] -%}
        {{ folders[0] }}_{{ folders[1] }}
    {%- elif folders -%}
        {{ folders[0] }}
    {%- elif node.resource_type == 'model' -%}
        {{ exceptions.raise_compiler_error(
            "Model '" ~ node.name ~ "' lies in no pipeline's folder, so it has no schema: move it to models/<pipeline>/marts, or to staging or intermediate beside it."
        ) }}
    {%- else -%}
        {{ target.schema }}
    {%- endif -%}
{%- endmacro %}
