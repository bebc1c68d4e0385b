/** Table -> its columns. */
export const tables: Readonly<Record<string, string>> = {
  clients:
    'client_id INT PRIMARY KEY, first_name VARCHAR(60) NOT NULL, last_name VARCHAR(120) NOT NULL, birth_date DATE NOT NULL',
  client_addresses:
    'address_id INT PRIMARY KEY, client_id INT NOT NULL, street VARCHAR(120) NOT NULL, city VARCHAR(60) NOT NULL, state CHAR(2) NOT NULL',
  sales_people:
    'sales_person_id INT PRIMARY KEY, first_name VARCHAR(60) NOT NULL, last_name VARCHAR(120) NOT NULL',
  products: 'product_id INT PRIMARY KEY, name VARCHAR(120) NOT NULL, price DECIMAL(10,2) NOT NULL',
  sales:
    'sale_id INT PRIMARY KEY, client_id INT NOT NULL, sales_person_id INT NOT NULL, sold_at DATETIME NOT NULL',
  sales_items:
    'sale_id INT NOT NULL, line INT NOT NULL, product_id INT NOT NULL, quantity INT NOT NULL, unit_price DECIMAL(10,2) NOT NULL, PRIMARY KEY (sale_id, line)',
};
