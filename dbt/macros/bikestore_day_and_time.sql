{#- A moment as the head office's clock has it, which order dates are of. -#}
{% macro bikestore_day_and_time(moment) -%}
    cast({{ moment }} at time zone 'Asia/Bangkok' as timestamp)
{%- endmacro %}
