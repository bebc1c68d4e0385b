{#- A day as the number YYYYMMDD. -#}
{% macro date_key(day) -%}
    cast(extract(year from {{ day }}) * 10000 + extract(month from {{ day }}) * 100 + extract(day from {{ day }}) as integer)
{%- endmacro %}

{#- The English name of a month's number, or of a weekday's, where Sunday is 0: in every warehouse and locale the same. -#}
{% macro name_of(kind, number) -%}
    {%- set names = {
        'month': ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
        'weekday': ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
    }[kind] -%}
    case {{ number }}
        {%- for name in names %}
        when {{ loop.index if kind == 'month' else loop.index0 }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
