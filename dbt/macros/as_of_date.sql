{#-
  The day that recency is counted to, as an aggregate over rows with the given timestamp: the variable `as_of`
  (YYYY-MM-DD), else the day after the latest timestamp. Never the clock, so that a run can be repeated.
-#}
{% macro as_of_date(timestamp_column) -%}
    {%- set as_of = variable('as_of') -%}
    {%- if as_of -%}
        max(cast('{{ modules.datetime.date.fromisoformat(as_of) }}' as date))
    {%- else -%}
        cast({{ dbt.dateadd('day', 1, 'max(' ~ timestamp_column ~ ')') }} as date)
    {%- endif -%}
{%- endmacro %}
