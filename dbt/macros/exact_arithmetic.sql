{#- Quotient of two integers, cut towards zero. DuckDB's `/` would give a float. -#}
{% macro integer_divide(dividend, divisor) -%}
    {{ return(adapter.dispatch('integer_divide', 'sluice')(dividend, divisor)) }}
{%- endmacro %}

{% macro default__integer_divide(dividend, divisor) -%}
    (({{ dividend }}) / ({{ divisor }}))
{%- endmacro %}

{% macro duckdb__integer_divide(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}

{#-
  Ratio of two integers >= 0 as decimal with four places, rounded half up; null when the divisor is 0.
  Integers all the way: avg() and decimal division differ between DuckDB (float) and Redshift (cut numeric).
-#}
{% macro exact_ratio(dividend, divisor) -%}
    {%- set twice = '(2 * ' ~ divisor ~ ')' -%}
    cast(
        {{ integer_divide('20000 * ' ~ dividend ~ ' + ' ~ divisor, 'nullif(' ~ twice ~ ', 0)') }} * 0.0001
        as decimal(18, 4)
    )
{%- endmacro %}
